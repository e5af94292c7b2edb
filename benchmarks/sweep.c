/* Prodigy on Rosenbrock's function of the plane, for very many configurations at once: what a patient person writes by hand.

   The peer of a sweep. The algorithm of arXiv 2306.06101 with Adam's bias correction, as optax and the authors' package
   have it: without the compensation that prodigy_core adds. Each lane of a vector is one configuration; the whole run of a
   lane happens in registers, and only the metrics go to memory. */

#include <math.h>
#ifdef __AVX__
#include <immintrin.h>
#endif

#ifndef REAL
#define REAL float
#endif
#if defined(__AVX512F__)
#define BYTES 64
#elif defined(__AVX__)
#define BYTES 32
#else
#define BYTES 16
#endif
#define LANES ((long)(BYTES / sizeof(REAL)))

typedef REAL vec __attribute__((vector_size(BYTES)));

/* Element by element; compilers know some of these operations only by the names of one machine. */
#if defined(__AVX512F__)
#define PER_TYPE(single, twice) (sizeof(REAL) == 4 ? (vec)(single) : (vec)(twice))
static inline vec root(vec x) { return PER_TYPE(_mm512_sqrt_ps((__m512)x), _mm512_sqrt_pd((__m512d)x)); }
static inline vec magnitude(vec x) { return PER_TYPE(_mm512_abs_ps((__m512)x), _mm512_abs_pd((__m512d)x)); }
static inline vec larger(vec a, vec b) {
  return PER_TYPE(_mm512_max_ps((__m512)a, (__m512)b), _mm512_max_pd((__m512d)a, (__m512d)b));
}
static inline vec smaller(vec a, vec b) {
  return PER_TYPE(_mm512_min_ps((__m512)a, (__m512)b), _mm512_min_pd((__m512d)a, (__m512d)b));
}
#else
#define EACH(expression) vec out; for (long i = 0; i < LANES; i++) out[i] = (REAL)(expression); return out
static inline vec root(vec x) { EACH(sqrt(x[i])); }
static inline vec magnitude(vec x) { EACH(fabs(x[i])); }
static inline vec larger(vec a, vec b) { EACH(a[i] > b[i] ? a[i] : b[i]); }
static inline vec smaller(vec a, vec b) { EACH(a[i] < b[i] ? a[i] : b[i]); }
#endif

typedef __typeof__((vec){0} > (vec){0}) flags; /* -1 for true, else 0 */

/* In the paper's symbols. `waited` is minus the number of steps before the loss came within the tolerance. */
typedef struct {
  vec x, y, mx, my, vx, vy, sx, sy, r, d, best;
  flags waited;
  vec beta3, inverse_d0;
} lane;

typedef struct {
  REAL x, y, b, tolerance, beta1, beta2, eps;
} setting;

static inline __attribute__((always_inline)) void look(lane *s, const setting *p, vec *u, vec *w) {
  *u = 1 - s->x;
  *w = s->y - s->x * s->x;
  s->best = smaller(s->best, *u * *u + p->b * *w * *w);
  s->waited += s->best > p->tolerance;
}

static inline __attribute__((always_inline)) void step(lane *s, const setting *p, REAL correction) {
  vec u, w;
  look(s, p, &u, &w);
  vec gx = -2 * u - 4 * p->b * s->x * w, gy = 2 * p->b * w;
  vec dlr = s->d * correction, weight = s->d * s->inverse_d0 * dlr;
  vec dgx = s->d * gx, dgy = s->d * gy;
  s->mx = p->beta1 * s->mx + (1 - p->beta1) * dgx;
  s->my = p->beta1 * s->my + (1 - p->beta1) * dgy;
  s->vx = p->beta2 * s->vx + (1 - p->beta2) * dgx * dgx;
  s->vy = p->beta2 * s->vy + (1 - p->beta2) * dgy * dgy;
  s->sx = s->beta3 * s->sx + weight * gx;
  s->sy = s->beta3 * s->sy + weight * gy;
  s->r = s->beta3 * s->r + weight * (gx * (p->x - s->x) + gy * (p->y - s->y));
  /* The tiny number keeps the quotient finite where no gradient has come yet. */
  s->d = larger(s->d, s->r / (magnitude(s->sx) + magnitude(s->sy) + (REAL)1e-37));
  vec floor = s->d * p->eps;
  s->x -= dlr * s->mx / (root(s->vx) + floor);
  s->y -= dlr * s->my / (root(s->vy) + floor);
}

static inline lane begin(const setting *p, const REAL *d0, const REAL *beta3) {
  lane s = {0};
  for (long i = 0; i < LANES; i++) {
    s.d[i] = d0[i];
    s.beta3[i] = beta3[i];
  }
  s.x += p->x;
  s.y += p->y;
  s.inverse_d0 = 1 / s.d;
  s.best += (REAL)1e30;
  return s;
}

static inline void finish(lane *s, const setting *p, REAL *best, REAL *waited, REAL *d) {
  vec u, w;
  look(s, p, &u, &w);
  for (long i = 0; i < LANES; i++) {
    best[i] = s->best[i];
    waited[i] = (REAL)-s->waited[i];
    d[i] = s->d[i];
  }
}

/* How many configurations a call must be a multiple of. */
long group(void) { return 2 * LANES; }

/* d0, beta3: of each configuration. correction: of each step. Out: the least loss, how many steps it took to come within
   the tolerance of the minimum 0 (steps + 1 for never), and the last D. */
void sweep(long configurations, long steps, const REAL *d0, const REAL *beta3, const REAL *correction, REAL x, REAL y, REAL b,
           REAL tolerance, REAL beta1, REAL beta2, REAL eps, REAL *best, REAL *waited, REAL *d) {
  setting p = {x, y, b, tolerance, beta1, beta2, eps};
  /* Two vectors in turn, so that the one's division goes on while the other multiplies. */
#pragma omp parallel for schedule(static)
  for (long i = 0; i < configurations; i += 2 * LANES) {
    long j = i + LANES;
    lane one = begin(&p, d0 + i, beta3 + i), two = begin(&p, d0 + j, beta3 + j);
    for (long n = 0; n < steps; n++) {
      step(&one, &p, correction[n]);
      step(&two, &p, correction[n]);
    }
    finish(&one, &p, best + i, waited + i, d + i);
    finish(&two, &p, best + j, waited + j, d + j);
  }
}
