/* One step of Prodigy on many parameters, in the two passes over memory that it needs: the estimate d' is known only when
   all of the gradient has been seen, and stands in the step.

   The peer of the memory traffic. In the paper's symbols; with the residual c of prodigy_core's compensation, or without (c
   is NULL). m, v and s are kept divided by d, d^2 and d^2, rescaled by rho = d_prev / d, as prodigy_core keeps them. */

#include <math.h>
#include <stddef.h>

typedef struct {
  float d, d_prev, r;
} scalars;

void update(long n, const float *restrict g, float *restrict p, float *restrict m, float *restrict v, float *restrict s,
            const float *restrict p0, float *restrict c, float q, float beta1, float beta2, float beta3, float eps,
            scalars *found) {
  const float d = found->d, rho = found->d_prev / d, dlr = d * q;
  const float keep1 = beta1 * rho, keep2 = beta2 * rho * rho, keep3 = beta3 * rho * rho, add1 = 1 - beta1, add2 = 1 - beta2;
  float numerator = 0, below = 0;
  if (c) {
#pragma omp parallel for simd schedule(static) reduction(+ : numerator, below)
    for (long i = 0; i < n; i++) {
      m[i] = keep1 * m[i] + add1 * g[i];
      v[i] = keep2 * v[i] + add2 * g[i] * g[i];
      s[i] = keep3 * s[i] + q * g[i];
      numerator += g[i] * ((p0[i] - p[i]) - c[i]);
      below += fabsf(s[i]);
    }
  } else {
#pragma omp parallel for simd schedule(static) reduction(+ : numerator, below)
    for (long i = 0; i < n; i++) {
      m[i] = keep1 * m[i] + add1 * g[i];
      v[i] = keep2 * v[i] + add2 * g[i] * g[i];
      s[i] = keep3 * s[i] + q * g[i];
      numerator += g[i] * (p0[i] - p[i]);
      below += fabsf(s[i]);
    }
  }
  const float r = keep3 * found->r + q * numerator;
  const float estimate = below > 0 ? r / below : d;
  const float next = estimate > d ? estimate : d, floor = next / d * eps;
  if (c) {
#pragma omp parallel for simd schedule(static)
    for (long i = 0; i < n; i++) {
      float wanted = c[i] - dlr * m[i] / (sqrtf(v[i]) + floor);
      float moved = p[i] + wanted;
      c[i] = wanted - (moved - p[i]);
      p[i] = moved;
    }
  } else {
#pragma omp parallel for simd schedule(static)
    for (long i = 0; i < n; i++) p[i] -= dlr * m[i] / (sqrtf(v[i]) + floor);
  }
  found->d_prev = d;
  found->d = next;
  found->r = r;
}
