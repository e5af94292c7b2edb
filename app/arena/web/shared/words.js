// Sentences with symbols and numbers in them, as elements.

const PIECES = /(d\u0302)|(\d[\d.]*e-\d+)/;

/** Writes a text: d̂ in the letters of a formula, since upright ones put the hat on the stem; 1.2e-06 is never broken in two. */
export function write(node, text) {
  node.replaceChildren(
    ...text
      .split(PIECES)
      .filter(Boolean)
      .map((part) => {
        if (!PIECES.test(part)) return part;
        const piece = document.createElement(part.startsWith("d") ? "i" : "span");
        if (piece.localName === "i") piece.style.fontFamily = "var(--math, serif)";
        else piece.style.whiteSpace = "nowrap";
        piece.textContent = part;
        return piece;
      }),
  );
}
