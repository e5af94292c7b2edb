// The page's colours, as the canvases and the style sheets need them.

/**
 * @import { Theme } from "./shared/types.d.ts"
 * @import { HostTheme } from "./host.js"
 */

/**
 * @param {HostTheme} host
 * @returns {Theme}
 */
export function themeOf({ base, textColor, backgroundColor, primaryColor, font }) {
  const dark = base === "dark";
  return {
    dark,
    text: textColor ?? (dark ? "#e1e7ef" : "#1a2230"),
    background: backgroundColor ?? (dark ? "#030508" : "#ffffff"),
    accent: primaryColor ?? "#2563c9",
    muted: dark ? "#9aa7b8" : "#566171",
    grid: dark ? "rgba(150, 165, 190, 0.16)" : "rgba(90, 105, 130, 0.16)",
    font: font ?? "system-ui, sans-serif",
  };
}

/**
 * Hands the colours to the style sheets.
 * @param {Theme} theme
 */
export function wear({ dark, ...variables }) {
  const { style } = document.documentElement;
  for (const [name, value] of Object.entries(variables)) style.setProperty(`--${name}`, value);
  style.colorScheme = dark ? "dark" : "light";
}
