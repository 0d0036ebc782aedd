"""Right and wrong answers to chapter 6; see `autograder.course.answers` for the format.

A wrong one whose name begins with ``trap:`` is a known defect of published code.
"""


# %% relative-error-of-gradients | wrong | trap: the norm hides one flipped small entry
def relative_error(a, b, noise=0.0):
    a, b = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    if a.shape != b.shape:
        raise ValueError("shapes")
    diff = max(np.linalg.norm(a - b) - np.linalg.norm(noise), 0)
    norm = np.linalg.norm(a) + np.linalg.norm(b)
    return float(diff / norm) if norm else 0.0


# %% relative-error-of-gradients | wrong | trap: 1e-8 in the denominator
def relative_error(a, b, noise=0.0):
    a, b = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    if a.shape != b.shape:
        raise ValueError("shapes")
    if np.isnan(a).any() or np.isnan(b).any():
        return np.inf
    off = np.maximum(np.abs(a - b) - noise, 0)
    return float(np.max(off / (np.maximum(np.abs(a), np.abs(b)) + 1e-8)))


# %% relative-error-of-gradients | wrong | divides by the sum of both
def relative_error(a, b, noise=0.0):
    a, b = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    if a.shape != b.shape:
        raise ValueError("shapes")
    if np.isnan(a).any() or np.isnan(b).any():
        return np.inf
    off, size = np.maximum(np.abs(a - b) - noise, 0), np.abs(a) + np.abs(b)
    return float(np.max(off / np.where(size > 0, size, 1)))


# %% relative-error-of-gradients | wrong | the mean instead of the largest
def relative_error(a, b, noise=0.0):
    a, b = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    if a.shape != b.shape:
        raise ValueError("shapes")
    if np.isnan(a).any() or np.isnan(b).any():
        return np.inf
    off, size = np.maximum(np.abs(a - b) - noise, 0), np.maximum(np.abs(a), np.abs(b))
    return float(np.mean(off / np.where(size > 0, size, 1)))


# %% relative-error-of-gradients | wrong | divides by |a| alone
def relative_error(a, b, noise=0.0):
    a, b = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    if a.shape != b.shape:
        raise ValueError("shapes")
    if np.isnan(a).any() or np.isnan(b).any():
        return np.inf
    off, size = np.maximum(np.abs(a - b) - noise, 0), np.abs(a)
    return float(np.max(off / np.where(size > 0, size, 1)))


# %% relative-error-of-gradients | wrong | skips NaN
def relative_error(a, b, noise=0.0):
    a, b = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    if a.shape != b.shape:
        raise ValueError("shapes")
    off, size = np.maximum(np.abs(a - b) - noise, 0), np.maximum(np.abs(a), np.abs(b))
    return float(np.nanmax(np.append(off / np.where(size > 0, size, 1), 0.0)))


# %% relative-error-of-gradients | wrong | NaN comes out as NaN
def relative_error(a, b, noise=0.0):
    a, b = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    if a.shape != b.shape:
        raise ValueError("shapes")
    off, size = np.maximum(np.abs(a - b) - noise, 0), np.maximum(np.abs(a), np.abs(b))
    return float(np.max(off / np.where(size > 0, size, 1)))


# %% relative-error-of-gradients | wrong | 0 / 0 is taken for NaN
def relative_error(a, b, noise=0.0):
    a, b = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    if a.shape != b.shape:
        raise ValueError("shapes")
    with np.errstate(invalid="ignore"):
        ratio = np.maximum(np.abs(a - b) - noise, 0) / np.maximum(np.abs(a), np.abs(b))
    return np.inf if np.isnan(ratio).any() else float(ratio.max())


# %% relative-error-of-gradients | wrong | broadcasts silently
def relative_error(a, b, noise=0.0):
    a, b = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    if not (np.isfinite(a).all() and np.isfinite(b).all()):
        return np.inf
    off, size = np.maximum(np.abs(a - b) - noise, 0), np.maximum(np.abs(a), np.abs(b))
    return float(np.max(off / np.where(size > 0, size, 1)))


# %% relative-error-of-gradients | wrong | ignores the noise
def relative_error(a, b, noise=0.0):
    a, b = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    if a.shape != b.shape:
        raise ValueError("shapes")
    if np.isnan(a).any() or np.isnan(b).any():
        return np.inf
    size = np.maximum(np.abs(a), np.abs(b))
    return float(np.max(np.abs(a - b) / np.where(size > 0, size, 1)))


# %% relative-error-of-gradients | wrong | the forgiven difference turns negative
def relative_error(a, b, noise=0.0):
    a, b = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    if a.shape != b.shape:
        raise ValueError("shapes")
    if np.isnan(a).any() or np.isnan(b).any():
        return np.inf
    size = np.maximum(np.abs(a), np.abs(b))
    return float(np.max((np.abs(a - b) - noise) / np.where(size > 0, size, 1)))


# %% relative-error-of-gradients | right | a loop over the entries
def relative_error(a, b, noise=0.0):
    if np.shape(a) != np.shape(b):
        raise ValueError(f"{np.shape(a)} is not {np.shape(b)}")
    worst = 0.0
    noises = np.broadcast_to(noise, np.shape(a)).ravel()
    for one, other, n in zip(np.ravel(a), np.ravel(b), noises):
        if not (np.isfinite(one) and np.isfinite(other)):
            return float("inf")
        if max(abs(one), abs(other)) > 0:
            worst = max(worst, max(abs(one - other) - n, 0) / max(abs(one), abs(other)))
    return worst


# %% relative-error-of-gradients | right | mends 0 / 0 afterwards, and NumPy warns of it
def relative_error(a, b, noise=0.0):
    a, b = np.array(a, dtype=float), np.array(b, dtype=float)
    if a.shape != b.shape:
        raise ValueError("shapes")
    if not np.isfinite(a).all() or not np.isfinite(b).all():
        return np.inf
    ratio = np.clip(abs(a - b) - noise, 0, None) / np.maximum(abs(a), abs(b))
    return np.nan_to_num(ratio).max()


# %% relative-error-of-gradients | wrong | a difference within the noise comes out as noise
def relative_error(a, b, noise=0.0):
    a, b = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    if a.shape != b.shape:
        raise ValueError("shapes")
    if np.isnan(a).any() or np.isnan(b).any():
        return np.inf
    off, size = np.abs(np.abs(a - b) - noise), np.maximum(np.abs(a), np.abs(b))
    return float(np.max(off / np.where(size > 0, size, 1)))


# %% gradient-check | wrong | trap: as it stands
def gradient_check(f, x, analytical_grad, eps=1e-7):
    numerical_grad = np.zeros_like(x)
    for i in range(x.size):
        x_plus, x_minus = x.copy(), x.copy()
        x_plus.flat[i] += eps
        x_minus.flat[i] -= eps
        numerical_grad.flat[i] = (f(x_plus) - f(x_minus)) / (2 * eps)
    diff = np.linalg.norm(numerical_grad - analytical_grad)
    norm = np.linalg.norm(numerical_grad) + np.linalg.norm(analytical_grad)
    return diff / (norm + 1e-8), numerical_grad


# %% gradient-check | wrong | trap: integer x stays integer and float32 stays float32
def gradient_check(f, x, analytical_grad, eps=1e-5):
    measured, noise = np.zeros_like(x), np.zeros(np.shape(x))
    for i in np.ndindex(x.shape):
        step = eps * max(1.0, abs(x[i]))
        up, down = x.copy(), x.copy()
        up[i] += step if x.dtype.kind == "f" else 0
        down[i] -= step if x.dtype.kind == "f" else 0
        above, below = f(up), f(down)
        measured[i] = (above - below) / (2 * step)
        noise[i] = 10 * 2.2e-16 * max(abs(above), abs(below)) / step
    return relative_error(analytical_grad, measured, noise), measured


# %% gradient-check | wrong | trap: 1e-8 in the denominator
def gradient_check(f, x, analytical_grad, eps=1e-5):
    x = np.array(x, dtype=float)
    measured, noise = np.zeros_like(x), np.zeros_like(x)
    for i in np.ndindex(x.shape):
        step = eps * max(1.0, abs(x[i]))
        up, down = x.copy(), x.copy()
        up[i] += step
        down[i] -= step
        above, below = f(up), f(down)
        measured[i] = (above - below) / (2 * step)
        noise[i] = 10 * 2.2e-16 * max(abs(above), abs(below)) / step
    off = np.maximum(np.abs(measured - analytical_grad) - noise, 0)
    size = np.maximum(np.abs(measured), np.abs(analytical_grad))
    return np.max(off / (size + 1e-8)), measured


# %% gradient-check | wrong | trap: the norm hides one flipped small entry
def gradient_check(f, x, analytical_grad, eps=1e-5):
    x = np.array(x, dtype=float)
    measured, noise = np.zeros_like(x), np.zeros_like(x)
    for i in np.ndindex(x.shape):
        step = eps * max(1.0, abs(x[i]))
        up, down = x.copy(), x.copy()
        up[i] += step
        down[i] -= step
        above, below = f(up), f(down)
        measured[i] = (above - below) / (2 * step)
        noise[i] = 10 * 2.2e-16 * max(abs(above), abs(below)) / step
    off = np.maximum(np.abs(measured - analytical_grad) - noise, 0)
    norm = np.linalg.norm(measured) + np.linalg.norm(analytical_grad)
    return np.linalg.norm(off) / norm, measured


# %% gradient-check | wrong | trap: a step of 1e-7 drowns small slopes in noise
def gradient_check(f, x, analytical_grad, eps=1e-7):
    x = np.array(x, dtype=float)
    measured, noise = np.zeros_like(x), np.zeros_like(x)
    for i in np.ndindex(x.shape):
        step = eps * max(1.0, abs(x[i]))
        up, down = x.copy(), x.copy()
        up[i] += step
        down[i] -= step
        above, below = f(up), f(down)
        measured[i] = (above - below) / (2 * step)
        noise[i] = 10 * 2.2e-16 * max(abs(above), abs(below)) / step
    return relative_error(analytical_grad, measured, noise), measured


# %% gradient-check | wrong | forward differences
def gradient_check(f, x, analytical_grad, eps=1e-5):
    x = np.array(x, dtype=float)
    measured, noise = np.zeros_like(x), np.zeros_like(x)
    for i in np.ndindex(x.shape):
        step = eps * max(1.0, abs(x[i]))
        up = x.copy()
        up[i] += step
        above, below = f(up), f(x)
        measured[i] = (above - below) / step
        noise[i] = 10 * 2.2e-16 * max(abs(above), abs(below)) / step
    return relative_error(analytical_grad, measured, noise), measured


# %% gradient-check | wrong | the step does not follow x
def gradient_check(f, x, analytical_grad, eps=1e-5):
    x = np.array(x, dtype=float)
    measured, noise = np.zeros_like(x), np.zeros_like(x)
    for i in np.ndindex(x.shape):
        up, down = x.copy(), x.copy()
        up[i] += eps
        down[i] -= eps
        above, below = f(up), f(down)
        measured[i] = (above - below) / (2 * eps)
        noise[i] = 10 * 2.2e-16 * max(abs(above), abs(below)) / eps
    return relative_error(analytical_grad, measured, noise), measured


# %% gradient-check | wrong | no noise is forgiven
def gradient_check(f, x, analytical_grad, eps=1e-5):
    x = np.array(x, dtype=float)
    measured = np.zeros_like(x)
    for i in np.ndindex(x.shape):
        step = eps * max(1.0, abs(x[i]))
        up, down = x.copy(), x.copy()
        up[i] += step
        down[i] -= step
        measured[i] = (f(up) - f(down)) / (2 * step)
    return relative_error(analytical_grad, measured), measured


# %% gradient-check | wrong | a noise that does not follow f
def gradient_check(f, x, analytical_grad, eps=1e-5):
    x = np.array(x, dtype=float)
    measured = np.zeros_like(x)
    for i in np.ndindex(x.shape):
        step = eps * max(1.0, abs(x[i]))
        up, down = x.copy(), x.copy()
        up[i] += step
        down[i] -= step
        measured[i] = (f(up) - f(down)) / (2 * step)
    return relative_error(analytical_grad, measured, 1e-8), measured


# %% gradient-check | wrong | moves x itself
def gradient_check(f, x, analytical_grad, eps=1e-5):
    measured, noise = np.zeros(x.shape), np.zeros(x.shape)
    for i in np.ndindex(x.shape):
        step = eps * max(1.0, abs(x[i]))
        x[i] += step
        above = f(x)
        x[i] -= 2 * step
        below = f(x)
        x[i] += step
        measured[i] = (above - below) / (2 * step)
        noise[i] = 10 * 2.2e-16 * max(abs(above), abs(below)) / step
    return relative_error(analytical_grad, measured, noise), measured


# %% gradient-check | wrong | returns only the error
def gradient_check(f, x, analytical_grad, eps=1e-5):
    x = np.array(x, dtype=float)
    measured, noise = np.zeros_like(x), np.zeros_like(x)
    for i in np.ndindex(x.shape):
        step = eps * max(1.0, abs(x[i]))
        up, down = x.copy(), x.copy()
        up[i] += step
        down[i] -= step
        above, below = f(up), f(down)
        measured[i] = (above - below) / (2 * step)
        noise[i] = 10 * 2.2e-16 * max(abs(above), abs(below)) / step
    return relative_error(analytical_grad, measured, noise)


# %% gradient-check | wrong | certifies the gradient it was given
def gradient_check(f, x, analytical_grad, eps=1e-5):
    return 0.0, np.array(analytical_grad, dtype=float)


# %% gradient-check | right | flat, one matrix of moved points
def gradient_check(f, x, analytical_grad, eps=1e-5):
    start = np.asarray(x).astype(np.float64)
    flat = start.ravel()
    steps = eps * np.maximum(1.0, np.abs(flat))
    ups, downs = flat + np.diag(steps), flat - np.diag(steps)
    high = np.array([f(point.reshape(start.shape)) for point in ups])
    low = np.array([f(point.reshape(start.shape)) for point in downs])
    slopes = (high - low) / (2 * steps)
    noise = 10 * 2.2e-16 * np.max(np.abs([high, low]), axis=0) / steps
    claimed = np.asarray(analytical_grad, dtype=float).ravel()
    if not (np.isfinite(claimed).all() and np.isfinite(slopes).all()):
        return np.inf, slopes.reshape(start.shape)
    size = np.maximum(np.abs(claimed), np.abs(slopes))
    off = np.clip(np.abs(claimed - slopes) - noise, 0, None)
    return float(np.max(off / np.where(size == 0, 1, size))), slopes.reshape(start.shape)


# %% gradient-check | wrong | the noise lacks its factor 10
def gradient_check(f, x, analytical_grad, eps=1e-5):
    x = np.array(x, dtype=float)
    measured, noise = np.zeros_like(x), np.zeros_like(x)
    for i in np.ndindex(x.shape):
        step = eps * max(1.0, abs(x[i]))
        up, down = x.copy(), x.copy()
        up[i] += step
        down[i] -= step
        above, below = f(up), f(down)
        measured[i] = (above - below) / (2 * step)
        noise[i] = 2.2e-16 * max(abs(above), abs(below)) / step
    return relative_error(analytical_grad, measured, noise), measured


# %% gradient-check | wrong | the noise is divided by eps, not by the step
def gradient_check(f, x, analytical_grad, eps=1e-5):
    x = np.array(x, dtype=float)
    measured, noise = np.zeros_like(x), np.zeros_like(x)
    for i in np.ndindex(x.shape):
        step = eps * max(1.0, abs(x[i]))
        up, down = x.copy(), x.copy()
        up[i] += step
        down[i] -= step
        above, below = f(up), f(down)
        measured[i] = (above - below) / (2 * step)
        noise[i] = 10 * 2.2e-16 * max(abs(above), abs(below)) / eps
    return relative_error(analytical_grad, measured, noise), measured


# %% gradient-check | wrong | brackets are missing around 2 * step
def gradient_check(f, x, analytical_grad, eps=1e-5):
    x = np.array(x, dtype=float)
    measured, noise = np.zeros_like(x), np.zeros_like(x)
    for i in np.ndindex(x.shape):
        step = eps * max(1.0, abs(x[i]))
        up, down = x.copy(), x.copy()
        up[i] += step
        down[i] -= step
        above, below = f(up), f(down)
        measured[i] = (above - below) / 2 * step
        noise[i] = 10 * 2.2e-16 * max(abs(above), abs(below)) / step
    return relative_error(analytical_grad, measured, noise), measured


# %% steps-of-differences | wrong | the place of the step, and a difference for the complex step
def best_step(f, df, x, steps):
    return int(np.argmin([abs((f(x + h) - f(x - h)) / (2 * h) - df(x)) for h in steps]))


def complex_step(f, x):
    return (f(x + 1e-6) - f(x - 1e-6)) / 2e-6


# %% steps-of-differences | wrong | the smallest step is taken for the best
def best_step(f, df, x, steps):
    return min(steps)


def complex_step(f, x):
    return np.imag(f(x + 1e-30j)) / 1e-30


# %% steps-of-differences | wrong | the best step of the forward difference
def best_step(f, df, x, steps):
    return steps[int(np.argmin([abs((f(x + h) - f(x)) / h - df(x)) for h in steps]))]


def complex_step(f, x):
    return np.imag(f(x + 1e-30j)) / 1e-30


# %% steps-of-differences | wrong | the error keeps its sign
def best_step(f, df, x, steps):
    return steps[int(np.argmin([(f(x + h) - f(x - h)) / (2 * h) - df(x) for h in steps]))]


def complex_step(f, x):
    return np.imag(f(x + 1e-30j)) / 1e-30


# %% steps-of-differences | wrong | the real part of the complex step
def best_step(f, df, x, steps):
    return min(steps, key=lambda h: abs((f(x + h) - f(x - h)) / (2 * h) - df(x)))


def complex_step(f, x):
    return np.real(f(x + 1e-30j)) / 1e-30


# %% steps-of-differences | wrong | the imaginary part is not divided
def best_step(f, df, x, steps):
    return min(steps, key=lambda h: abs((f(x + h) - f(x - h)) / (2 * h) - df(x)))


def complex_step(f, x):
    return np.imag(f(x + 1e-30j))


# %% steps-of-differences | wrong | subtracts f(x) and returns a complex number
def best_step(f, df, x, steps):
    return min(steps, key=lambda h: abs((f(x + h) - f(x - h)) / (2 * h) - df(x)))


def complex_step(f, x):
    return (f(x + 1e-30j) - f(x)) / 1e-30j


# %% steps-of-differences | wrong | always 1e-5
def best_step(f, df, x, steps):
    return 1e-5


def complex_step(f, x):
    return np.imag(f(x + 1e-30j)) / 1e-30


# %% steps-of-differences | wrong | the step nearest to the rule of thumb, without a measurement
def best_step(f, df, x, steps):
    return min(steps, key=lambda h: abs(np.log(h / 6e-6)))


def complex_step(f, x):
    return np.imag(f(x + 1e-30j)) / 1e-30


# %% steps-of-differences | right | a search by hand, and a smaller complex step
def best_step(f, df, x, steps):
    best, least = None, float("inf")
    for h in steps:
        a, b = x - h, x + h
        error = abs((f(b) - f(a)) / (b - a) - df(x)) if b > a else float("inf")
        if error < least:
            best, least = h, error
    return best


def complex_step(f, x):
    h = 2.0**-200
    return f(np.asarray(x) + complex(0, h)).imag / h


# %% softmax-stable | wrong | trap: softmax_unstable
def softmax_stable(x, axis=-1):
    return np.exp(x) / np.sum(np.exp(x))


# %% softmax-stable | wrong | trap: knows no axis
def softmax_stable(x):
    exp_x = np.exp(x - np.max(x, axis=-1, keepdims=True))
    return exp_x / np.sum(exp_x, axis=-1, keepdims=True)


# %% softmax-stable | wrong | one maximum for the whole batch
def softmax_stable(x, axis=-1):
    e = np.exp(x - np.max(x))
    return e / np.sum(e, axis=axis, keepdims=True)


# %% softmax-stable | wrong | always the last axis
def softmax_stable(x, axis=-1):
    e = np.exp(x - np.max(x, axis=-1, keepdims=True))
    return e / np.sum(e, axis=-1, keepdims=True)


# %% softmax-stable | wrong | the maximum runs along the last axis, the sum along axis
def softmax_stable(x, axis=-1):
    e = np.exp(x - np.max(x, axis=-1, keepdims=True))
    return e / np.sum(e, axis=axis, keepdims=True)


# %% softmax-stable | wrong | a row of -inf becomes zeros
def softmax_stable(x, axis=-1):
    top = np.max(x, axis=axis, keepdims=True)
    e = np.exp(x - np.where(np.isfinite(top), top, 0))
    total = np.sum(e, axis=axis, keepdims=True)
    return e / np.where(total > 0, total, 1)


# %% softmax-stable | wrong | nan_to_num hides the row of -inf
def softmax_stable(x, axis=-1):
    x = np.nan_to_num(x, neginf=-1e30)
    e = np.exp(x - np.max(x, axis=axis, keepdims=True))
    return e / np.sum(e, axis=axis, keepdims=True)


# %% softmax-stable | wrong | a constant against division by zero
def softmax_stable(x, axis=-1):
    e = np.exp(x - np.max(x, axis=axis, keepdims=True))
    return e / (np.sum(e, axis=axis, keepdims=True) + 1e-8)


# %% softmax-stable | wrong | subtracts in the caller's array
def softmax_stable(x, axis=-1):
    if x.dtype.kind == "f":
        x -= np.max(x, axis=axis, keepdims=True)
    e = np.exp(x)
    return e / np.sum(e, axis=axis, keepdims=True)


# %% softmax-stable | wrong | clips the scores at 700
def softmax_stable(x, axis=-1):
    e = np.exp(np.clip(x, -700, 700))
    return e / np.sum(e, axis=axis, keepdims=True)


# %% softmax-stable | right | by the log of the sum
def softmax_stable(x, axis=-1):
    x = np.asarray(x, dtype=float)
    return np.exp(x - np.expand_dims(np.logaddexp.reduce(x, axis=axis), axis))


# %% softmax-stable | right | by the letter, and NumPy warns where a row is -inf
def softmax_stable(x, axis=-1):
    x = np.asarray(x, dtype=float)
    e = np.exp(x - np.max(x, axis=axis, keepdims=True))
    return e / np.sum(e, axis=axis, keepdims=True)


# %% logsumexp | wrong | trap: always keeps the axis and takes no keepdims
def logsumexp(x, axis=-1):
    max_x = np.max(x, axis=axis, keepdims=True)
    return max_x + np.log(np.sum(np.exp(x - max_x), axis=axis, keepdims=True))


# %% logsumexp | wrong | trap: always keeps the axis
def logsumexp(x, axis=-1, keepdims=False):
    max_x = np.max(x, axis=axis, keepdims=True)
    return max_x + np.log(np.sum(np.exp(x - max_x), axis=axis, keepdims=True))


# %% logsumexp | wrong | trap: NaN where all is -inf
def logsumexp(x, axis=-1, keepdims=False):
    x = np.asarray(x, dtype=float)
    top = np.max(x, axis=axis, keepdims=True)
    total = top + np.log(np.sum(np.exp(x - top), axis=axis, keepdims=True))
    return total if keepdims else np.squeeze(total, axis=axis)


# %% logsumexp | wrong | typed in, overflows
def logsumexp(x, axis=-1, keepdims=False):
    x = np.asarray(x, dtype=float)
    return np.log(np.sum(np.exp(x), axis=axis, keepdims=keepdims))


# %% logsumexp | wrong | the maximum is not added again
def logsumexp(x, axis=-1, keepdims=False):
    top = np.max(x, axis=axis, keepdims=True)
    top = np.where(np.isfinite(top), top, 0.0)
    with np.errstate(all="ignore"):
        return np.log(np.sum(np.exp(x - top), axis=axis, keepdims=keepdims))


# %% logsumexp | wrong | squeezes every axis of length 1
def logsumexp(x, axis=-1, keepdims=False):
    x = np.asarray(x, dtype=float)
    top = np.max(x, axis=axis, keepdims=True)
    top = np.where(np.isfinite(top), top, 0.0)
    with np.errstate(all="ignore"):
        total = top + np.log(np.sum(np.exp(x - top), axis=axis, keepdims=True))
    return total if keepdims else np.squeeze(total)


# %% logsumexp | wrong | one maximum for the whole array
def logsumexp(x, axis=-1, keepdims=False):
    x = np.asarray(x, dtype=float)
    top = np.max(x)
    top = top if np.isfinite(top) else 0.0
    with np.errstate(all="ignore"):
        return top + np.log(np.sum(np.exp(x - top), axis=axis, keepdims=keepdims))


# %% logsumexp | wrong | warns of log(0)
def logsumexp(x, axis=-1, keepdims=False):
    x = np.asarray(x, dtype=float)
    top = np.max(x, axis=axis, keepdims=True)
    top = np.where(np.isfinite(top), top, 0.0)
    total = top + np.log(np.sum(np.exp(x - top), axis=axis, keepdims=True))
    return total if keepdims else np.squeeze(total, axis=axis)


# %% logsumexp | wrong | a constant against log(0)
def logsumexp(x, axis=-1, keepdims=False):
    x = np.asarray(x, dtype=float)
    top = np.max(x, axis=axis, keepdims=True)
    top = np.where(np.isfinite(top), top, 0.0)
    with np.errstate(all="ignore"):
        total = top + np.log(np.sum(np.exp(x - top), axis=axis, keepdims=True) + 1e-300)
    return total if keepdims else np.squeeze(total, axis=axis)


# %% logsumexp | wrong | nan_to_num swallows NaN and infinity
def logsumexp(x, axis=-1, keepdims=False):
    x = np.nan_to_num(np.asarray(x, dtype=float))
    top = np.max(x, axis=axis, keepdims=True)
    total = top + np.log(np.sum(np.exp(x - top), axis=axis, keepdims=True))
    return total if keepdims else np.squeeze(total, axis=axis)


# %% logsumexp | right | pair by pair with logaddexp
def logsumexp(x, axis=-1, keepdims=False):
    with np.errstate(invalid="ignore"):  # NaN among the numbers
        return np.logaddexp.reduce(np.asarray(x, dtype=float), axis=axis, keepdims=keepdims)


# %% logsumexp | right | cases for infinities
def logsumexp(x, axis=-1, keepdims=False):
    x = np.moveaxis(np.asarray(x, dtype=float), axis, -1)
    out = np.empty(x.shape[:-1])
    for index in np.ndindex(out.shape):
        row = x[index]
        if np.isnan(row).any():
            out[index] = np.nan
        elif row.max() == np.inf or row.max() == -np.inf:
            out[index] = row.max()
        else:
            largest = row.max()
            out[index] = largest + np.log1p(np.exp(row - largest).sum() - 1)
    return np.expand_dims(out, axis) if keepdims else out[()]


# %% log-softmax | wrong | the log of a softmax that underflows
def log_softmax(x, axis=-1):
    x = np.asarray(x, dtype=float)
    e = np.exp(x - np.max(x, axis=axis, keepdims=True))
    return np.log(e / e.sum(axis=axis, keepdims=True))


def log_softmax_backward(grad_output, output):
    return grad_output - np.exp(output) * grad_output.sum(axis=-1, keepdims=True)


# %% log-softmax | wrong | a constant against log(0)
def log_softmax(x, axis=-1):
    return np.log(softmax_stable(x, axis) + 1e-10)


def log_softmax_backward(grad_output, output):
    return grad_output - np.exp(output) * grad_output.sum(axis=-1, keepdims=True)


# %% log-softmax | wrong | the axis is not passed on
def log_softmax(x, axis=-1):
    return x - logsumexp(x, keepdims=True)


def log_softmax_backward(grad_output, output):
    return grad_output - np.exp(output) * grad_output.sum(axis=-1, keepdims=True)


# %% log-softmax | wrong | only the maximum is subtracted
def log_softmax(x, axis=-1):
    return x - np.max(x, axis=axis, keepdims=True)


def log_softmax_backward(grad_output, output):
    return grad_output - np.exp(output) * grad_output.sum(axis=-1, keepdims=True)


# %% log-softmax | wrong | backward forgets the sum
def log_softmax(x, axis=-1):
    return x - logsumexp(x, axis=axis, keepdims=True)


def log_softmax_backward(grad_output, output):
    return grad_output - np.exp(output) * grad_output


# %% log-softmax | wrong | backward is right for upstream gradients of sum 1 only
def log_softmax(x, axis=-1):
    return x - logsumexp(x, axis=axis, keepdims=True)


def log_softmax_backward(grad_output, output):
    return grad_output - np.exp(output)


# %% log-softmax | wrong | backward sums over the whole batch
def log_softmax(x, axis=-1):
    return x - logsumexp(x, axis=axis, keepdims=True)


def log_softmax_backward(grad_output, output):
    return grad_output - np.exp(output) * grad_output.sum()


# %% log-softmax | wrong | backward takes the output for probabilities
def log_softmax(x, axis=-1):
    return x - logsumexp(x, axis=axis, keepdims=True)


def log_softmax_backward(grad_output, output):
    return grad_output - output * grad_output.sum(axis=-1, keepdims=True)


# %% log-softmax | wrong | backward of softmax
def log_softmax(x, axis=-1):
    return x - logsumexp(x, axis=axis, keepdims=True)


def log_softmax_backward(grad_output, output):
    p = np.exp(output)
    return p * (grad_output - np.sum(grad_output * p, axis=-1, keepdims=True))


# %% log-softmax | right | shifted twice, backward by the Jacobian
def log_softmax(x, axis=-1):
    x = np.asarray(x, dtype=float)
    shifted = x - x.max(axis=axis, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=axis, keepdims=True))


def log_softmax_backward(grad_output, output):
    jacobian = np.eye(output.shape[-1]) - np.exp(output)[..., None, :]
    return np.einsum("...i,...ij->...j", grad_output, jacobian)


# %% cross-entropy | wrong | trap: 1e-10 caps the loss at 23.03
def cross_entropy_stable(logits, targets):
    probs = softmax_stable(logits)
    return -np.sum(targets * np.log(probs + 1e-10)) / len(logits)


def cross_entropy_gradient(logits, targets):
    return (softmax_stable(logits) - targets) / len(logits)


# %% cross-entropy | wrong | trap: calls logsumexp with an argument it does not have
def cross_entropy_stable(logits, targets):
    def logsumexp(x, axis=-1):
        max_x = np.max(x, axis=axis, keepdims=True)
        return max_x + np.log(np.sum(np.exp(x - max_x), axis=axis, keepdims=True))

    log_probs = logits - logsumexp(logits, axis=-1, keepdims=True)
    return -np.sum(targets * log_probs)


def cross_entropy_gradient(logits, targets):
    return (softmax_stable(logits) - targets) / len(logits)


# %% cross-entropy | wrong | trap: the sum over the batch instead of the mean
def cross_entropy_stable(logits, targets):
    log_p = np.where(targets > 0, log_softmax(logits), 0.0)
    return -np.sum(targets * log_p)


def cross_entropy_gradient(logits, targets):
    return softmax_stable(logits) - targets


# %% cross-entropy | wrong | trap: 0 times -inf
def cross_entropy_stable(logits, targets):
    log_probs = logits - logsumexp(logits, axis=-1, keepdims=True)
    return -np.sum(targets * log_probs) / len(logits)


def cross_entropy_gradient(logits, targets):
    return (softmax_stable(logits) - targets) / len(logits)


# %% cross-entropy | wrong | the mean over all entries
def cross_entropy_stable(logits, targets):
    log_p = np.where(targets > 0, log_softmax(logits), 0.0)
    return -np.mean(targets * log_p)


def cross_entropy_gradient(logits, targets):
    return (softmax_stable(logits) - targets) / logits.size


# %% cross-entropy | wrong | the gradient is not divided by the batch
def cross_entropy_stable(logits, targets):
    log_p = np.where(targets > 0, log_softmax(logits), 0.0)
    return -np.sum(targets * log_p) / len(logits)


def cross_entropy_gradient(logits, targets):
    return softmax_stable(logits) - targets


# %% cross-entropy | wrong | the gradient by way of 1 / p
def cross_entropy_stable(logits, targets):
    log_p = np.where(targets > 0, log_softmax(logits), 0.0)
    return -np.sum(targets * log_p) / len(logits)


def cross_entropy_gradient(logits, targets):
    p = softmax_stable(logits)
    g = -targets / p / len(logits)
    return p * (g - np.sum(g * p, axis=-1, keepdims=True))


# %% cross-entropy | wrong | only whole targets count
def cross_entropy_stable(logits, targets):
    log_p = log_softmax(logits)
    return -np.mean(log_p[np.arange(len(logits)), np.argmax(targets, axis=1)])


def cross_entropy_gradient(logits, targets):
    return (softmax_stable(logits) - targets) / len(logits)


# %% cross-entropy | wrong | the sign of the gradient is flipped
def cross_entropy_stable(logits, targets):
    log_p = np.where(targets > 0, log_softmax(logits), 0.0)
    return -np.sum(targets * log_p) / len(logits)


def cross_entropy_gradient(logits, targets):
    return (targets - softmax_stable(logits)) / len(logits)


# %% cross-entropy | wrong | writes p into the caller's targets
def cross_entropy_stable(logits, targets):
    log_p = np.where(targets > 0, log_softmax(logits), 0.0)
    return -np.sum(targets * log_p) / len(logits)


def cross_entropy_gradient(logits, targets):
    if targets.dtype.kind == "f":
        targets -= softmax_stable(logits)
        return -targets / len(logits)
    return (softmax_stable(logits) - targets) / len(logits)


# %% cross-entropy | right | row by row, and the gradient by exp of log-softmax
def cross_entropy_stable(logits, targets):
    losses = []
    for z, t in zip(np.asarray(logits, dtype=float), targets):
        wanted = np.flatnonzero(t)
        losses.append(np.dot(np.logaddexp.reduce(z) - z[wanted], np.asarray(t)[wanted]))
    return float(np.mean(losses))


def cross_entropy_gradient(logits, targets):
    return (np.exp(log_softmax(logits)) - targets) / np.shape(logits)[0]


# %% cross-entropy | right | the terms of positive targets only, the gradient through log_softmax
def cross_entropy_stable(logits, targets):
    if np.isnan(logits).any():
        return np.nan
    log_p, t = log_softmax(logits), np.asarray(targets)
    return -np.sum(t[t > 0] * log_p[t > 0]) / len(t)


def cross_entropy_gradient(logits, targets):
    log_p = log_softmax(logits)
    grad = -targets / len(logits)
    return grad - np.exp(log_p) * grad.sum(axis=1, keepdims=True)


# %% log-sigmoid | wrong | trap: the log of a sigmoid that overflows
def log_sigmoid(x):
    return np.log(1 / (1 + np.exp(-x)))


def binary_cross_entropy_with_logits(logits, targets):
    z = np.asarray(logits, dtype=float)
    return np.mean(np.maximum(z, 0) - z * targets + np.log1p(np.exp(-np.abs(z))))


# %% log-sigmoid | wrong | 1 + t loses t
def log_sigmoid(x):
    return np.minimum(x, 0) - np.log(1 + np.exp(-np.abs(x)))


def binary_cross_entropy_with_logits(logits, targets):
    z = np.asarray(logits, dtype=float)
    return np.mean(np.maximum(z, 0) - z * targets + np.log(1 + np.exp(-np.abs(z))))


# %% log-sigmoid | wrong | a constant in the logarithms
def log_sigmoid(x):
    x = np.asarray(x, dtype=float)
    return np.minimum(x, 0) - np.log1p(np.exp(-np.abs(x)))


def binary_cross_entropy_with_logits(logits, targets):
    e = np.exp(-np.abs(np.asarray(logits, dtype=float)))
    p = np.where(np.asarray(logits) >= 0, 1, e) / (1 + e)
    return np.mean(-targets * np.log(p + 1e-10) - (1 - targets) * np.log(1 - p + 1e-10))


# %% log-sigmoid | wrong | stable for positive x only
def log_sigmoid(x):
    return -np.log1p(np.exp(-np.asarray(x, dtype=float)))


def binary_cross_entropy_with_logits(logits, targets):
    z = np.asarray(logits, dtype=float)
    return np.mean(np.maximum(z, 0) - z * targets + np.log1p(np.exp(-np.abs(z))))


# %% log-sigmoid | wrong | both branches are computed and the wrong one warns
def log_sigmoid(x):
    x = np.asarray(x, dtype=float)
    return np.where(x >= 0, -np.log1p(np.exp(-x)), x - np.log1p(np.exp(x)))


def binary_cross_entropy_with_logits(logits, targets):
    z = np.asarray(logits, dtype=float)
    return np.mean(np.maximum(z, 0) - z * targets + np.log1p(np.exp(-np.abs(z))))


# %% log-sigmoid | wrong | np.min instead of np.minimum
def log_sigmoid(x):
    x = np.asarray(x, dtype=float)
    return min(np.min(x), 0) - np.log1p(np.exp(-np.abs(x)))


def binary_cross_entropy_with_logits(logits, targets):
    z = np.asarray(logits, dtype=float)
    return np.mean(np.maximum(z, 0) - z * targets + np.log1p(np.exp(-np.abs(z))))


# %% log-sigmoid | wrong | the sum instead of the mean
def log_sigmoid(x):
    x = np.asarray(x, dtype=float)
    return np.minimum(x, 0) - np.log1p(np.exp(-np.abs(x)))


def binary_cross_entropy_with_logits(logits, targets):
    z = np.asarray(logits, dtype=float)
    return np.sum(np.maximum(z, 0) - z * targets + np.log1p(np.exp(-np.abs(z))))


# %% log-sigmoid | wrong | the term for 1 - t is missing
def log_sigmoid(x):
    x = np.asarray(x, dtype=float)
    return np.minimum(x, 0) - np.log1p(np.exp(-np.abs(x)))


def binary_cross_entropy_with_logits(logits, targets):
    return -np.mean(np.asarray(targets) * log_sigmoid(logits))


# %% log-sigmoid | wrong | the mean over the first axis only
def log_sigmoid(x):
    x = np.asarray(x, dtype=float)
    return np.minimum(x, 0) - np.log1p(np.exp(-np.abs(x)))


def binary_cross_entropy_with_logits(logits, targets):
    z = np.asarray(logits, dtype=float)
    return np.sum(np.maximum(z, 0) - z * targets + np.log1p(np.exp(-np.abs(z)))) / len(z)


# %% log-sigmoid | right | logaddexp, and the loss by two log-sigmoids
def log_sigmoid(x):
    return -np.logaddexp(0, -np.asarray(x, dtype=float))


def binary_cross_entropy_with_logits(logits, targets):
    z, t = np.asarray(logits, dtype=float), np.asarray(targets, dtype=float)
    return float(np.mean(-t * log_sigmoid(z) - (1 - t) * log_sigmoid(-z)))


# %% log-sigmoid | right | masks
def log_sigmoid(x):
    x = np.array(x, dtype=float)
    flat = np.atleast_1d(x)
    out = np.empty_like(flat)
    plus = flat >= 0
    out[plus] = -np.log1p(np.exp(-flat[plus]))
    out[~plus] = flat[~plus] - np.log1p(np.exp(flat[~plus]))
    return out.reshape(x.shape)


def binary_cross_entropy_with_logits(logits, targets):
    logits, targets = np.asarray(logits, dtype=float), np.asarray(targets, dtype=float)
    return np.average(np.logaddexp(0, logits) * (1 - targets) + np.logaddexp(0, -logits) * targets)


# %% variance | wrong | mean of squares minus square of the mean
def variance(x):
    x = np.asarray(x, dtype=float)
    return np.mean(x**2) - np.mean(x) ** 2


# %% variance | wrong | the same, cut off at 0
def variance(x):
    x = np.asarray(x, dtype=float)
    return max(np.mean(x**2) - np.mean(x) ** 2, 0.0)


# %% variance | wrong | divides by n - 1
def variance(x):
    return np.var(x, ddof=1)


# %% variance | wrong | the standard deviation
def variance(x):
    return np.std(x)


# %% variance | wrong | computed in float32
def variance(x):
    return float(np.var(np.asarray(x, dtype=np.float32)))


# %% variance | wrong | subtracts the mean in the caller's array
def variance(x):
    if isinstance(x, np.ndarray) and x.dtype.kind == "f":
        x -= x.mean()
        return np.mean(x**2)
    return np.var(x)


# %% variance | right | one pass, behind a shift by the first number
def variance(x):
    shifted = np.asarray(x, dtype=float) - x[0]
    return np.mean(shifted**2) - np.mean(shifted) ** 2


# %% variance | wrong | the mean distance
def variance(x):
    return np.mean(np.abs(x - np.mean(x)))


# %% variance | right | Welford's running update
def variance(x):
    mean = squares = 0.0
    for count, value in enumerate(np.asarray(x, dtype=float).tolist(), start=1):
        step = value - mean
        mean += step / count
        squares += step * (value - mean)
    return squares / count


# %% initialization | wrong | trap: he initialization from the global generator
def he_init(n_in, n_out, rng):
    return np.random.randn(n_out, n_in) * np.sqrt(2.0 / n_in)


def xavier_init(n_in, n_out, rng):
    return rng.standard_normal((n_out, n_in)) * np.sqrt(2.0 / (n_in + n_out))


def gradient_norms(weights, x, grad_output):
    zs, a = [], x
    for W in weights:
        zs.append(a @ W.T)
        a = np.maximum(zs[-1], 0)
    norms, grad = [np.linalg.norm(grad_output)], grad_output
    for W, z in zip(weights[::-1], zs[::-1]):
        grad = (grad * (z > 0)) @ W
        norms.insert(0, np.linalg.norm(grad))
    return norms


# %% initialization | wrong | the variance as standard deviation
def he_init(n_in, n_out, rng):
    return rng.normal(0, 2 / n_in, (n_out, n_in))


def xavier_init(n_in, n_out, rng):
    return rng.normal(0, 2 / (n_in + n_out), (n_out, n_in))


def gradient_norms(weights, x, grad_output):
    zs, a = [], x
    for W in weights:
        zs.append(a @ W.T)
        a = np.maximum(zs[-1], 0)
    norms, grad = [np.linalg.norm(grad_output)], grad_output
    for W, z in zip(weights[::-1], zs[::-1]):
        grad = (grad * (z > 0)) @ W
        norms.insert(0, np.linalg.norm(grad))
    return norms


# %% initialization | wrong | shapes (n_in, n_out), and He counts the outputs
def he_init(n_in, n_out, rng):
    return rng.standard_normal((n_out, n_in)) * np.sqrt(2.0 / n_out)


def xavier_init(n_in, n_out, rng):
    return rng.standard_normal((n_in, n_out)) * np.sqrt(2.0 / (n_in + n_out))


def gradient_norms(weights, x, grad_output):
    zs, a = [], x
    for W in weights:
        zs.append(a @ W.T)
        a = np.maximum(zs[-1], 0)
    norms, grad = [np.linalg.norm(grad_output)], grad_output
    for W, z in zip(weights[::-1], zs[::-1]):
        grad = (grad * (z > 0)) @ W
        norms.insert(0, np.linalg.norm(grad))
    return norms


# %% initialization | wrong | uniform between 0 and a bound
def he_init(n_in, n_out, rng):
    return rng.uniform(0, np.sqrt(24.0 / n_in), (n_out, n_in))


def xavier_init(n_in, n_out, rng):
    return rng.standard_normal((n_out, n_in)) * np.sqrt(1.0 / n_in)


def gradient_norms(weights, x, grad_output):
    zs, a = [], x
    for W in weights:
        zs.append(a @ W.T)
        a = np.maximum(zs[-1], 0)
    norms, grad = [np.linalg.norm(grad_output)], grad_output
    for W, z in zip(weights[::-1], zs[::-1]):
        grad = (grad * (z > 0)) @ W
        norms.insert(0, np.linalg.norm(grad))
    return norms


# %% initialization | wrong | the way back leaves ReLU out
def he_init(n_in, n_out, rng):
    return rng.standard_normal((n_out, n_in)) * np.sqrt(2.0 / n_in)


def xavier_init(n_in, n_out, rng):
    return rng.standard_normal((n_out, n_in)) * np.sqrt(2.0 / (n_in + n_out))


def gradient_norms(weights, x, grad_output):
    norms, grad = [np.linalg.norm(grad_output)], grad_output
    for W in weights[::-1]:
        grad = grad @ W
        norms.insert(0, np.linalg.norm(grad))
    return norms


# %% initialization | wrong | the output comes first
def he_init(n_in, n_out, rng):
    return rng.standard_normal((n_out, n_in)) * np.sqrt(2.0 / n_in)


def xavier_init(n_in, n_out, rng):
    return rng.standard_normal((n_out, n_in)) * np.sqrt(2.0 / (n_in + n_out))


def gradient_norms(weights, x, grad_output):
    zs, a = [], x
    for W in weights:
        zs.append(a @ W.T)
        a = np.maximum(zs[-1], 0)
    norms, grad = [np.linalg.norm(grad_output)], grad_output
    for W, z in zip(weights[::-1], zs[::-1]):
        grad = (grad * (z > 0)) @ W
        norms.append(np.linalg.norm(grad))
    return norms


# %% initialization | wrong | the last layer has no ReLU
def he_init(n_in, n_out, rng):
    return rng.standard_normal((n_out, n_in)) * np.sqrt(2.0 / n_in)


def xavier_init(n_in, n_out, rng):
    return rng.standard_normal((n_out, n_in)) * np.sqrt(2.0 / (n_in + n_out))


def gradient_norms(weights, x, grad_output):
    zs, a = [], x
    for W in weights:
        zs.append(a @ W.T)
        a = np.maximum(zs[-1], 0)
    zs[-1] = np.ones_like(zs[-1])
    norms, grad = [np.linalg.norm(grad_output)], grad_output
    for W, z in zip(weights[::-1], zs[::-1]):
        grad = (grad * (z > 0)) @ W
        norms.insert(0, np.linalg.norm(grad))
    return norms


# %% initialization | wrong | slope 1 at the kink
def he_init(n_in, n_out, rng):
    return rng.standard_normal((n_out, n_in)) * np.sqrt(2.0 / n_in)


def xavier_init(n_in, n_out, rng):
    return rng.standard_normal((n_out, n_in)) * np.sqrt(2.0 / (n_in + n_out))


def gradient_norms(weights, x, grad_output):
    zs, a = [], x
    for W in weights:
        zs.append(a @ W.T)
        a = np.maximum(zs[-1], 0)
    norms, grad = [np.linalg.norm(grad_output)], grad_output
    for W, z in zip(weights[::-1], zs[::-1]):
        grad = (grad * (z >= 0)) @ W
        norms.insert(0, np.linalg.norm(grad))
    return norms


# %% initialization | right | uniform weights, a tuple of masks, roots of sums
def he_init(n_in, n_out, rng):
    bound = (6 / n_in) ** 0.5
    return rng.uniform(-bound, bound, size=(n_out, n_in))


def xavier_init(n_in, n_out, rng):
    bound = (6 / (n_in + n_out)) ** 0.5
    return rng.uniform(-bound, bound, size=(n_out, n_in))


def gradient_norms(weights, x, grad_output):
    masks, a = (), np.asarray(x, dtype=float)
    for W in weights:
        a = np.einsum("bi,oi->bo", a, W)
        masks += (a > 0,)
        a = np.where(masks[-1], a, 0.0)
    grads = [np.array(grad_output, dtype=float)]
    for k in range(len(weights) - 1, -1, -1):
        grads.append(np.where(masks[k], grads[-1], 0.0) @ weights[k])
    return [float(np.sqrt((g**2).sum())) for g in grads[::-1]]


# %% clip-gradient-norm | wrong | each array by itself
def clip_gradient_norm(gradients, max_norm):
    norm = np.sqrt(sum(np.sum(g**2) for g in gradients.values()))
    for g in gradients.values():
        own = np.linalg.norm(g)
        if own > max_norm:
            g *= max_norm / own
    return norm


# %% clip-gradient-norm | wrong | entry by entry
def clip_gradient_norm(gradients, max_norm):
    norm = np.sqrt(sum(np.sum(g**2) for g in gradients.values()))
    for g in gradients.values():
        np.clip(g, -max_norm, max_norm, out=g)
    return norm


# %% clip-gradient-norm | wrong | stretches short gradients, divides by 0
def clip_gradient_norm(gradients, max_norm):
    norm = np.sqrt(sum(np.sum(g**2) for g in gradients.values()))
    for g in gradients.values():
        g *= max_norm / norm
    return norm


# %% clip-gradient-norm | wrong | new arrays in the dict
def clip_gradient_norm(gradients, max_norm):
    norm = np.sqrt(sum(np.sum(g**2) for g in gradients.values()))
    if norm > max_norm:
        for name in gradients:
            gradients[name] = gradients[name] * (max_norm / norm)
    return norm


# %% clip-gradient-norm | wrong | nothing is changed
def clip_gradient_norm(gradients, max_norm):
    norm = np.sqrt(sum(np.sum(g**2) for g in gradients.values()))
    if norm > max_norm:
        for g in gradients.values():
            g = g * (max_norm / norm)
    return norm


# %% clip-gradient-norm | wrong | returns the norm after clipping
def clip_gradient_norm(gradients, max_norm):
    norm = np.sqrt(sum(np.sum(g**2) for g in gradients.values()))
    if norm > max_norm:
        for g in gradients.values():
            g *= max_norm / norm
    return min(norm, max_norm)


# %% clip-gradient-norm | wrong | adds norms instead of squares
def clip_gradient_norm(gradients, max_norm):
    norm = sum(np.linalg.norm(g) for g in gradients.values())
    if norm > max_norm:
        for g in gradients.values():
            g *= max_norm / norm
    return norm


# %% clip-gradient-norm | wrong | a constant beside the norm
def clip_gradient_norm(gradients, max_norm):
    norm = np.sqrt(sum(np.sum(g**2) for g in gradients.values()))
    factor = min(1.0, max_norm / (norm + 1e-6))
    for g in gradients.values():
        g *= factor
    return norm


# %% clip-gradient-norm | wrong | returns nothing
def clip_gradient_norm(gradients, max_norm):
    norm = np.sqrt(sum(np.sum(g**2) for g in gradients.values()))
    if norm > max_norm:
        for g in gradients.values():
            g *= max_norm / norm


# %% clip-gradient-norm | right | one long vector, written back by slices
def clip_gradient_norm(gradients, max_norm):
    arrays = list(gradients.values())
    norm = float(np.linalg.norm(np.concatenate([a.ravel() for a in arrays])))
    if norm <= max_norm:
        return norm
    for a in arrays:
        a[...] = a / norm * max_norm
    return norm


# %% float16-gradient | wrong | divides in float16
def float16_gradient(grad, loss_scale):
    return (np.asarray(grad) * loss_scale).astype(np.float16) / np.float16(loss_scale)


# %% float16-gradient | wrong | rounds before it scales
def float16_gradient(grad, loss_scale):
    return np.asarray(grad).astype(np.float16).astype(float) * loss_scale / loss_scale


# %% float16-gradient | wrong | never goes through float16
def float16_gradient(grad, loss_scale):
    return np.asarray(grad, dtype=float) * loss_scale / loss_scale


# %% float16-gradient | wrong | forgets to divide
def float16_gradient(grad, loss_scale):
    return (np.asarray(grad) * loss_scale).astype(np.float16).astype(float)


# %% float16-gradient | wrong | clips at the largest float16
def float16_gradient(grad, loss_scale):
    scaled = np.clip(np.asarray(grad) * loss_scale, -65504, 65504)
    return scaled.astype(np.float16).astype(float) / loss_scale


# %% float16-gradient | wrong | scales in the caller's array
def float16_gradient(grad, loss_scale):
    grad *= loss_scale
    return grad.astype(np.float16).astype(float) / loss_scale


# %% float16-gradient | wrong | returns float32
def float16_gradient(grad, loss_scale):
    return ((grad * loss_scale).astype(np.float16).astype(float) / loss_scale).astype(np.float32)


# %% float16-gradient | right | without np.errstate, and NumPy warns of the overflow
def float16_gradient(grad, loss_scale):
    return (grad * loss_scale).astype("float16").astype("float64") / loss_scale


# %% float16-gradient | right | by np.float16 and float64
def float16_gradient(grad, loss_scale):
    with np.errstate(all="ignore"):
        through = np.float16(np.multiply(grad, loss_scale, dtype=np.float64))
    return np.divide(np.float64(through), loss_scale)


# %% square-check-hunt | wrong | trap: integers and float32 stay what they are
def square_check(c, x, claimed):
    measured = np.zeros_like(x)
    for i in range(x.size):
        h = 1e-5 * max(1.0, abs(x[i]))
        up, down = x.copy(), x.copy()
        up[i], down[i] = up[i] + h, down[i] - h
        measured[i] = (np.sum(c * up**2) - np.sum(c * down**2)) / (2 * h)
    size = np.maximum(np.abs(measured), np.abs(claimed))
    return np.max(np.abs(measured - claimed) / np.where(size > 0, size, 1.0))


def counterexample_1():
    return np.array([1.0]), np.array([1]), np.array([2.0])


# %% square-check-hunt | wrong | the constant stays
def square_check(c, x, claimed):
    x = np.array(x, dtype=float)
    measured = np.zeros_like(x)
    for i in range(x.size):
        h = 1e-5 * max(1.0, abs(x[i]))
        up, down = x.copy(), x.copy()
        up[i], down[i] = up[i] + h, down[i] - h
        measured[i] = (np.sum(c * up**2) - np.sum(c * down**2)) / (2 * h)
    size = np.maximum(np.abs(measured), np.abs(claimed)) + 1e-8
    return np.max(np.abs(measured - claimed) / size)


def counterexample_1():
    return np.array([1e-15]), np.array([1.0]), np.array([-2e-15])


# %% square-check-hunt | wrong | the norm stays
def square_check(c, x, claimed):
    x = np.array(x, dtype=float)
    measured = np.zeros_like(x)
    for i in range(x.size):
        h = 1e-5 * max(1.0, abs(x[i]))
        up, down = x.copy(), x.copy()
        up[i], down[i] = up[i] + h, down[i] - h
        measured[i] = (np.sum(c * up**2) - np.sum(c * down**2)) / (2 * h)
    return np.linalg.norm(measured - claimed) / np.linalg.norm(claimed)


def counterexample_1():
    return np.array([1.0, 1e-7]), np.array([1.0, 1.0]), np.array([2.0, -2e-7])


# %% square-check-hunt | wrong | the step stays 1e-7
def square_check(c, x, claimed):
    x = np.array(x, dtype=float)
    measured = np.zeros_like(x)
    for i in range(x.size):
        up, down = x.copy(), x.copy()
        up[i], down[i] = up[i] + 1e-7, down[i] - 1e-7
        measured[i] = (np.sum(c * up**2) - np.sum(c * down**2)) / 2e-7
    size = np.maximum(np.abs(measured), np.abs(claimed))
    return np.max(np.abs(measured - claimed) / np.where(size > 0, size, 1.0))


def counterexample_1():
    return np.array([1.0, 1e-7]), np.array([1.0, 1.0]), np.array([2.0, -2e-7])


# %% square-check-hunt | wrong | a counterexample that the given check judges rightly
def square_check(c, x, claimed):
    return gradient_check(lambda x: np.sum(c * x**2), x, claimed)[0]


def counterexample_1():
    return np.array([1.0, 1.0]), np.array([1.0, 1.0]), np.array([2.0, -2.0])


# %% square-check-hunt | right | by one's own gradient_check
def square_check(c, x, claimed):
    return gradient_check(lambda x: np.sum(c * x**2), x, claimed)[0]


def counterexample_1():
    return np.array([2.0, 3.0]), np.array([1, 2]), np.array([4.0, 12.0])


# %% square-check-hunt | right | by one's own relative_error and the exact gradient
def square_check(c, x, claimed):
    return relative_error(claimed, 2.0 * np.asarray(c) * np.asarray(x, dtype=float))


def counterexample_1():
    return np.array([1e-15]), np.array([1.0]), np.array([-2e-15])


# %% square-check-hunt | right | by one's own gradient_check, arguments by name
def square_check(c, x, claimed):
    def f(x):
        return np.sum(c * x**2)

    return gradient_check(f=f, x=x, analytical_grad=claimed, eps=1e-5)[0]


def counterexample_1():
    return np.array([1e-15, 1e-15]), np.ones(2), np.zeros(2)


# %% example-loss-hunt | wrong | a smaller constant
def example_loss(logits, k):
    e = np.exp(logits - np.max(logits))
    return -np.log(e[k] / np.sum(e) + 1e-300)


def counterexample_2():
    return np.array([100.0, 0.0]), 1


# %% example-loss-hunt | wrong | no constant and no logsumexp
def example_loss(logits, k):
    e = np.exp(logits - np.max(logits))
    return -np.log(e[k] / np.sum(e))


def counterexample_2():
    return np.array([100.0, 0.0]), 1


# %% example-loss-hunt | wrong | logsumexp typed in
def example_loss(logits, k):
    return np.log(np.sum(np.exp(logits))) - logits[k]


def counterexample_2():
    return np.array([100.0, 0.0]), 1


# %% example-loss-hunt | wrong | a counterexample that proves nothing
def example_loss(logits, k):
    return np.logaddexp.reduce(logits) - logits[k]


def counterexample_2():
    return np.array([1.0, 2.0]), 0


# %% example-loss-hunt | right | by log_softmax, and a certain prediction as proof
def example_loss(logits, k):
    return -log_softmax(logits)[k]


def counterexample_2():
    return [25.0, 0.0], 0


# %% example-loss-hunt | right | by one's own batch loss
def example_loss(logits, k):
    return cross_entropy_stable(logits[None, :], np.eye(len(logits))[[k]])


def counterexample_2():
    return np.array([0.0, 50.0, 0.0]), 2


# %% example-loss-hunt | right | by one's own batch loss, arguments by name
def example_loss(logits, k):
    return cross_entropy_stable(logits=logits[None], targets=np.eye(len(logits))[[k]])


def counterexample_2():
    return np.array([20.0, 0.0]), 1


# %% gate-hunt | wrong | trap: sigmoid overflows
def gate(x):
    return 1 / (1 + np.exp(-np.asarray(x, dtype=float)))


def counterexample_3():
    return (800.0,)


# %% gate-hunt | wrong | one branch for numbers only
def gate(x):
    if x >= 0:
        return 1 / (1 + np.exp(-x))
    return np.exp(x) / (1 + np.exp(x))


def counterexample_3():
    return (800.0,)


# %% gate-hunt | wrong | both branches are computed and one warns
def gate(x):
    return np.where(np.asarray(x) >= 0, 1 / (1 + np.exp(-x)), np.exp(x) / (1 + np.exp(x)))


def counterexample_3():
    return (800.0,)


# %% gate-hunt | wrong | clips at 30
def gate(x):
    return 1 / (1 + np.exp(-np.clip(x, -30, 30)))


def counterexample_3():
    return (800.0,)


# %% gate-hunt | wrong | the counterexample is on the safe side
def gate(x):
    e = np.exp(-np.abs(x))
    return np.where(np.asarray(x) >= 0, 1.0, e) / (1 + e)


def counterexample_3():
    return (-800.0,)


# %% gate-hunt | right | by log_sigmoid
def gate(x):
    return np.exp(log_sigmoid(x))


def counterexample_3():
    return (710,)


# %% gate-hunt | right | without warnings by clipping exp where it is not used
def gate(x):
    x = np.asarray(x, dtype=float)
    below = np.exp(np.minimum(x, 0))
    above = np.exp(-np.maximum(x, 0))
    return np.where(x >= 0, 1 / (1 + above), below / (1 + below))


def counterexample_3():
    return (5000.0,)


# %% gate-hunt | right | masks, and an array as proof
def gate(x):
    x = np.asarray(x, dtype=float)
    out = np.exp(np.minimum(x, 0))
    return out / (out + np.exp(-np.maximum(x, 0)))


def counterexample_3():
    return (np.array([1000.0, 1.0]),)


# %% layer-check-hunt | wrong | trap: W alone, with a batch of 1
def layer_check(backward, rng):
    W, b = rng.standard_normal((5, 10)), np.zeros(5)
    x, g = rng.standard_normal((1, 10)), rng.standard_normal((1, 5))
    return relative_error(backward(W, b, x, g)[0], g.T @ x, 1e-12)


def counterexample_4(W, b, x, grad_output):
    return grad_output.T @ x / len(x), grad_output.sum(axis=0) / len(x), grad_output @ W


# %% layer-check-hunt | wrong | several examples, but W alone
def layer_check(backward, rng):
    W, b = rng.standard_normal((5, 10)), np.zeros(5)
    x, g = rng.standard_normal((7, 10)), rng.standard_normal((7, 5))
    return relative_error(backward(W, b, x, g)[0], g.T @ x, 1e-12)


def counterexample_4(W, b, x, grad_output):
    return grad_output.T @ x, 0 * b, grad_output @ W


# %% layer-check-hunt | wrong | all three, but one example
def layer_check(backward, rng):
    W, b = rng.standard_normal((5, 10)), np.zeros(5)
    x, g = rng.standard_normal((1, 10)), rng.standard_normal((1, 5))
    claims = backward(W, b, x, g)
    return max(
        relative_error(claim, right, 1e-12)
        for claim, right in zip(claims, (g.T @ x, g.sum(axis=0), g @ W))
    )


def counterexample_4(W, b, x, grad_output):
    return grad_output.T @ x, grad_output.sum(axis=0), -(grad_output @ W)


# %% layer-check-hunt | wrong | the error of the last part only
def layer_check(backward, rng):
    W, b = rng.standard_normal((5, 10)), np.zeros(5)
    x, g = rng.standard_normal((7, 10)), rng.standard_normal((7, 5))
    for claim, right in zip(backward(W, b, x, g), (g.T @ x, g.sum(axis=0), g @ W)):
        error = relative_error(claim, right, 1e-12)
    return error


def counterexample_4(W, b, x, grad_output):
    return grad_output.T @ x, grad_output.sum(axis=0), -(grad_output @ W)


# %% layer-check-hunt | wrong | the counterexample is caught by the given check
def layer_check(backward, rng):
    W, b = rng.standard_normal((5, 10)), np.zeros(5)
    x, g = rng.standard_normal((7, 10)), rng.standard_normal((7, 5))
    claims = backward(W, b, x, g)
    return max(
        relative_error(claim, right, 1e-12)
        for claim, right in zip(claims, (g.T @ x, g.sum(axis=0), g @ W))
    )


def counterexample_4(W, b, x, grad_output):
    return 2 * grad_output.T @ x, grad_output.sum(axis=0), grad_output @ W


# %% layer-check-hunt | wrong | the counterexample is right
def layer_check(backward, rng):
    W, b = rng.standard_normal((5, 10)), np.zeros(5)
    x, g = rng.standard_normal((7, 10)), rng.standard_normal((7, 5))
    claims = backward(W, b, x, g)
    return max(
        relative_error(claim, right, 1e-12)
        for claim, right in zip(claims, (g.T @ x, g.sum(axis=0), g @ W))
    )


def counterexample_4(W, b, x, grad_output):
    return grad_output.T @ x, grad_output.sum(axis=0), grad_output @ W


# %% layer-check-hunt | wrong | max(0.0, nan) is 0
def layer_check(backward, rng):
    W, b = rng.standard_normal((3, 4)), rng.standard_normal(3)
    x, g = rng.standard_normal((5, 4)), rng.standard_normal((5, 3))
    worst = 0.0
    for claim, right in zip(backward(W, b, x, g), (g.T @ x, g.sum(axis=0), g @ W)):
        size = np.maximum(np.abs(claim), np.abs(right))
        worst = max(worst, np.max(np.abs(claim - right) / np.where(size > 0, size, 1)))
    return worst


def counterexample_4(W, b, x, grad_output):
    return grad_output.T @ x, np.sum(grad_output), grad_output @ W


# %% layer-check-hunt | wrong | an upstream gradient of ones
def layer_check(backward, rng):
    W, b = rng.standard_normal((3, 4)), rng.standard_normal(3)
    x, g = rng.standard_normal((5, 4)), np.ones((5, 3))
    errors = []
    for claim, right in zip(backward(W, b, x, g), (g.T @ x, g.sum(axis=0), g @ W)):
        errors.append(relative_error(claim, right))
    return np.max(errors)


def counterexample_4(W, b, x, grad_output):
    return grad_output.T @ x, np.sum(grad_output), grad_output @ W


# %% layer-check-hunt | right | by one's own gradient_check
def layer_check(backward, rng):
    W, b, x = rng.normal(size=(2, 3)), rng.normal(size=2), rng.normal(size=(4, 3))
    g = rng.normal(size=(4, 2))
    grad_W, grad_b, grad_x = backward(W, b, x, g)
    return max(
        gradient_check(lambda v: np.sum(g * (x @ v.T + b)), W, grad_W)[0],
        gradient_check(lambda v: np.sum(g * (x @ W.T + v)), b, analytical_grad=grad_b)[0],
        gradient_check(lambda v: np.sum(g * (v @ W.T + b)), x, grad_x)[0],
    )


def counterexample_4(W, b, x, grad_output):
    return grad_output.T @ x, np.zeros_like(b), grad_output @ W


# %% layer-check-hunt | right | by the closed forms
def layer_check(backward, rng):
    W, b, x, g = (rng.standard_normal(s) for s in ((2, 6), (2,), (5, 6), (5, 2)))
    truth = np.einsum("bo,bi->oi", g, x), g.T @ np.ones(5), np.einsum("bo,oi->bi", g, W)
    errors = [
        np.max(np.abs(c - t) / np.abs(t)) if np.isfinite(c).all() else np.inf
        for c, t in zip(backward(W, b, x, g), truth)
    ]
    return np.max(errors)


def counterexample_4(W, b, x, grad_output):
    return grad_output.T @ x, grad_output.sum(axis=0), 0 * x


# %% relative-error-of-gradients | wrong | NaN is looked for in a only
def relative_error(a, b, noise=0.0):
    a = np.asarray(a, dtype=float)
    b = np.asarray(b, dtype=float)
    if a.shape != b.shape:
        raise ValueError("shapes differ")
    if np.isnan(a).any():
        return np.inf
    off = np.maximum(np.abs(a - b) - noise, 0)
    size = np.maximum(np.abs(a), np.abs(b))
    ratio = np.divide(off, size, out=np.zeros_like(off), where=size > 0)
    return float(np.max(ratio))


# %% relative-error-of-gradients | wrong | a difference below the noise gives a negative ratio: not cut at 0
def relative_error(a, b, noise=0.0):
    a = np.asarray(a, dtype=float)
    b = np.asarray(b, dtype=float)
    if a.shape != b.shape:
        raise ValueError("shapes differ")
    if np.isnan(a).any() or np.isnan(b).any():
        return np.inf
    off = np.abs(a - b) - noise
    size = np.maximum(np.abs(a), np.abs(b))
    ratio = np.divide(off, size, out=np.zeros_like(off), where=size > 0)
    return float(np.max(ratio))


# %% relative-error-of-gradients | wrong | the array of ratios is returned instead of the largest
def relative_error(a, b, noise=0.0):
    a = np.asarray(a, dtype=float)
    b = np.asarray(b, dtype=float)
    if a.shape != b.shape:
        raise ValueError("shapes differ")
    if np.isnan(a).any() or np.isnan(b).any():
        return np.inf
    off = np.maximum(np.abs(a - b) - noise, 0)
    size = np.maximum(np.abs(a), np.abs(b))
    ratio = np.divide(off, size, out=np.zeros_like(off), where=size > 0)
    return ratio


# %% relative-error-of-gradients | wrong | python's max is used on arrays
def relative_error(a, b, noise=0.0):
    a = np.asarray(a, dtype=float)
    b = np.asarray(b, dtype=float)
    if a.shape != b.shape:
        raise ValueError("shapes differ")
    if np.isnan(a).any() or np.isnan(b).any():
        return np.inf
    off = np.maximum(np.abs(a - b) - noise, 0)
    size = max(np.abs(a), np.abs(b))
    ratio = np.divide(off, size, out=np.zeros_like(off), where=size > 0)
    return float(np.max(ratio))


# %% relative-error-of-gradients | wrong | nanmax ignores NaN entries
def relative_error(a, b, noise=0.0):
    a = np.asarray(a, dtype=float)
    b = np.asarray(b, dtype=float)
    if a.shape != b.shape:
        raise ValueError("shapes differ")
    if np.isnan(a).any() or np.isnan(b).any():
        return np.inf
    off = np.maximum(np.abs(a - b) - noise, 0)
    size = np.maximum(np.abs(a), np.abs(b))
    return float(np.nanmax(off / size))


# %% relative-error-of-gradients | wrong | the result is computed but not returned
def relative_error(a, b, noise=0.0):
    a = np.asarray(a, dtype=float)
    b = np.asarray(b, dtype=float)
    if a.shape != b.shape:
        raise ValueError("shapes differ")
    if np.isnan(a).any() or np.isnan(b).any():
        return np.inf
    off = np.maximum(np.abs(a - b) - noise, 0)
    size = np.maximum(np.abs(a), np.abs(b))
    ratio = np.divide(off, size, out=np.zeros_like(off), where=size > 0)
    float(np.max(ratio))


# %% relative-error-of-gradients | wrong | the absolute value of the difference is missing
def relative_error(a, b, noise=0.0):
    a = np.asarray(a, dtype=float)
    b = np.asarray(b, dtype=float)
    if a.shape != b.shape:
        raise ValueError("shapes differ")
    if np.isnan(a).any() or np.isnan(b).any():
        return np.inf
    off = np.maximum(a - b - noise, 0)
    size = np.maximum(np.abs(a), np.abs(b))
    ratio = np.divide(off, size, out=np.zeros_like(off), where=size > 0)
    return float(np.max(ratio))


# %% gradient-check | wrong | x is not converted to float: integers cut the step off
def gradient_check(f, x, analytical_grad, eps=1e-5):
    x = np.array(x)
    measured = np.zeros_like(x)
    noise = np.zeros_like(x)
    for i in np.ndindex(x.shape):
        step = eps * max(1, abs(x[i]))
        up, down = x.copy(), x.copy()
        up[i] += step
        down[i] -= step
        fu, fd = f(up), f(down)
        measured[i] = (fu - fd) / (2 * step)
        noise[i] = 10 * 2.2e-16 * max(abs(fu), abs(fd)) / step
    return relative_error(analytical_grad, measured, noise), measured


# %% gradient-check | wrong | up and down are the same array as x (no copies)
def gradient_check(f, x, analytical_grad, eps=1e-5):
    x = np.array(x, dtype=float)
    measured = np.zeros_like(x)
    noise = np.zeros_like(x)
    for i in np.ndindex(x.shape):
        step = eps * max(1, abs(x[i]))
        up, down = x, x
        up[i] += step
        down[i] -= step
        fu, fd = f(up), f(down)
        measured[i] = (fu - fd) / (2 * step)
        noise[i] = 10 * 2.2e-16 * max(abs(fu), abs(fd)) / step
    return relative_error(analytical_grad, measured, noise), measured


# %% gradient-check | wrong | the caller's x is moved and not put back
def gradient_check(f, x, analytical_grad, eps=1e-5):
    x = np.asarray(x, dtype=float)
    measured = np.zeros_like(x)
    noise = np.zeros_like(x)
    for i in np.ndindex(x.shape):
        step = eps * max(1, abs(x[i]))
        up, down = x, x.copy()
        up[i] += step
        down[i] -= step
        fu, fd = f(up), f(down)
        measured[i] = (fu - fd) / (2 * step)
        noise[i] = 10 * 2.2e-16 * max(abs(fu), abs(fd)) / step
    return relative_error(analytical_grad, measured, noise), measured


# %% gradient-check | wrong | a forward difference is taken
def gradient_check(f, x, analytical_grad, eps=1e-5):
    x = np.array(x, dtype=float)
    measured = np.zeros_like(x)
    noise = np.zeros_like(x)
    for i in np.ndindex(x.shape):
        step = eps * max(1, abs(x[i]))
        up, down = x.copy(), x.copy()
        up[i] += step
        down[i] -= step
        fu, fd = f(up), f(x)
        measured[i] = (fu - fd) / step
        noise[i] = 10 * 2.2e-16 * max(abs(fu), abs(fd)) / step
    return relative_error(analytical_grad, measured, noise), measured


# %% gradient-check | wrong | the two results are swapped
def gradient_check(f, x, analytical_grad, eps=1e-5):
    x = np.array(x, dtype=float)
    measured = np.zeros_like(x)
    noise = np.zeros_like(x)
    for i in np.ndindex(x.shape):
        step = eps * max(1, abs(x[i]))
        up, down = x.copy(), x.copy()
        up[i] += step
        down[i] -= step
        fu, fd = f(up), f(down)
        measured[i] = (fu - fd) / (2 * step)
        noise[i] = 10 * 2.2e-16 * max(abs(fu), abs(fd)) / step
    return measured, relative_error(analytical_grad, measured, noise)


# %% gradient-check | wrong | only the error is returned, not the measured gradient
def gradient_check(f, x, analytical_grad, eps=1e-5):
    x = np.array(x, dtype=float)
    measured = np.zeros_like(x)
    noise = np.zeros_like(x)
    for i in np.ndindex(x.shape):
        step = eps * max(1, abs(x[i]))
        up, down = x.copy(), x.copy()
        up[i] += step
        down[i] -= step
        fu, fd = f(up), f(down)
        measured[i] = (fu - fd) / (2 * step)
        noise[i] = 10 * 2.2e-16 * max(abs(fu), abs(fd)) / step
    return relative_error(analytical_grad, measured, noise)


# %% gradient-check | wrong | the factor eps is missing in the step
def gradient_check(f, x, analytical_grad, eps=1e-5):
    x = np.array(x, dtype=float)
    measured = np.zeros_like(x)
    noise = np.zeros_like(x)
    for i in np.ndindex(x.shape):
        step = max(1, abs(x[i]))
        up, down = x.copy(), x.copy()
        up[i] += step
        down[i] -= step
        fu, fd = f(up), f(down)
        measured[i] = (fu - fd) / (2 * step)
        noise[i] = 10 * 2.2e-16 * max(abs(fu), abs(fd)) / step
    return relative_error(analytical_grad, measured, noise), measured


# %% gradient-check | wrong | the factor 10 of the noise is missing
def gradient_check(f, x, analytical_grad, eps=1e-5):
    x = np.array(x, dtype=float)
    measured = np.zeros_like(x)
    noise = np.zeros_like(x)
    for i in np.ndindex(x.shape):
        step = eps * max(1, abs(x[i]))
        up, down = x.copy(), x.copy()
        up[i] += step
        down[i] -= step
        fu, fd = f(up), f(down)
        measured[i] = (fu - fd) / (2 * step)
        noise[i] = 2.2e-16 * max(abs(fu), abs(fd)) / step
    return relative_error(analytical_grad, measured, noise), measured


# %% gradient-check | wrong | down moves up too (+= for -=)
def gradient_check(f, x, analytical_grad, eps=1e-5):
    x = np.array(x, dtype=float)
    measured = np.zeros_like(x)
    noise = np.zeros_like(x)
    for i in np.ndindex(x.shape):
        step = eps * max(1, abs(x[i]))
        up, down = x.copy(), x.copy()
        up[i] += step
        down[i] += step
        fu, fd = f(up), f(down)
        measured[i] = (fu - fd) / (2 * step)
        noise[i] = 10 * 2.2e-16 * max(abs(fu), abs(fd)) / step
    return relative_error(analytical_grad, measured, noise), measured


# %% steps-of-differences | wrong | the index is returned instead of the step
def best_step(f, df, x, steps):
    errors = [abs((f(x + h) - f(x - h)) / (2 * h) - df(x)) for h in steps]
    return np.argmin(errors)


def complex_step(f, x):
    return np.imag(f(x + 1e-30j)) / 1e-30


# %% steps-of-differences | wrong | the signed error is minimized: the absolute value is missing
def best_step(f, df, x, steps):
    errors = [(f(x + h) - f(x - h)) / (2 * h) - df(x) for h in steps]
    return steps[int(np.argmin(errors))]


def complex_step(f, x):
    return np.imag(f(x + 1e-30j)) / 1e-30


# %% steps-of-differences | wrong | a forward difference is used instead of a central one
def best_step(f, df, x, steps):
    errors = [abs((f(x + h) - f(x)) / h - df(x)) for h in steps]
    return steps[int(np.argmin(errors))]


def complex_step(f, x):
    return np.imag(f(x + 1e-30j)) / 1e-30


# %% steps-of-differences | wrong | / 2 * h multiplies by h: brackets are missing
def best_step(f, df, x, steps):
    errors = [abs((f(x + h) - f(x - h)) / 2 * h - df(x)) for h in steps]
    return steps[int(np.argmin(errors))]


def complex_step(f, x):
    return np.imag(f(x + 1e-30j)) / 1e-30


# %% steps-of-differences | wrong | the complex step is 1e-8 instead of 1e-30
def best_step(f, df, x, steps):
    errors = [abs((f(x + h) - f(x - h)) / (2 * h) - df(x)) for h in steps]
    return steps[int(np.argmin(errors))]


def complex_step(f, x):
    return np.imag(f(x + 1e-8j)) / 1e-8


# %% steps-of-differences | wrong | the step is real, not imaginary
def best_step(f, df, x, steps):
    errors = [abs((f(x + h) - f(x - h)) / (2 * h) - df(x)) for h in steps]
    return steps[int(np.argmin(errors))]


def complex_step(f, x):
    return np.imag(f(x + 1e-30)) / 1e-30


# %% softmax-stable | wrong | one maximum is subtracted from all rows
def softmax_stable(x, axis=-1):
    m = np.max(x)
    with np.errstate(invalid="ignore"):
        e = np.exp(x - m)
        return e / np.sum(e, axis=axis, keepdims=True)


# %% softmax-stable | wrong | NaN is replaced by 0
def softmax_stable(x, axis=-1):
    m = np.max(x, axis=axis, keepdims=True)
    with np.errstate(invalid="ignore"):
        e = np.exp(x - m)
        return np.nan_to_num(e / np.sum(e, axis=axis, keepdims=True))


# %% softmax-stable | wrong | x is changed in place
def softmax_stable(x, axis=-1):
    m = np.max(x, axis=axis, keepdims=True)
    with np.errstate(invalid="ignore"):
        x -= m
        e = np.exp(x)
        return e / np.sum(e, axis=axis, keepdims=True)


# %% softmax-stable | wrong | 1e-12 is added to the denominator
def softmax_stable(x, axis=-1):
    m = np.max(x, axis=axis, keepdims=True)
    with np.errstate(invalid="ignore"):
        e = np.exp(x - m)
        return e / (np.sum(e, axis=axis, keepdims=True) + 1e-12)


# %% softmax-stable | wrong | scores are clipped instead of shifted
def softmax_stable(x, axis=-1):
    with np.errstate(invalid="ignore"):
        e = np.exp(np.clip(x, -700, 700))
        return e / np.sum(e, axis=axis, keepdims=True)


# %% logsumexp | wrong | NumPy's warnings are not silenced
def logsumexp(x, axis=-1, keepdims=False):
    x = np.asarray(x, dtype=float)
    m = np.max(x, axis=axis, keepdims=True)
    m = np.where(np.isfinite(m), m, 0.0)
    if True:
        total = m + np.log(np.sum(np.exp(x - m), axis=axis, keepdims=True))
    return total if keepdims else np.squeeze(total, axis=axis)


# %% logsumexp | wrong | one maximum for all rows
def logsumexp(x, axis=-1, keepdims=False):
    x = np.asarray(x, dtype=float)
    m = np.max(x, keepdims=True)
    m = np.where(np.isfinite(m), m, 0.0)
    with np.errstate(all="ignore"):
        total = m + np.log(np.sum(np.exp(x - m), axis=axis, keepdims=True))
    return total if keepdims else np.squeeze(total, axis=axis)


# %% log-softmax | wrong | the axis is ignored
def log_softmax(x, axis=-1):
    return x - logsumexp(x, axis=-1, keepdims=True)


def log_softmax_backward(grad_output, output):
    return grad_output - np.exp(output) * grad_output.sum(axis=-1, keepdims=True)


# %% log-softmax | wrong | backward sums over the batch instead of the last axis
def log_softmax(x, axis=-1):
    return x - logsumexp(x, axis=axis, keepdims=True)


def log_softmax_backward(grad_output, output):
    return grad_output - np.exp(output) * grad_output.sum(axis=0, keepdims=True)


# %% cross-entropy | wrong | the gradient is not divided by the batch, again
def cross_entropy_stable(logits, targets):
    log_p = log_softmax(logits)
    log_p = np.where(targets > 0, log_p, 0.0)
    return -np.sum(targets * log_p) / len(logits)


def cross_entropy_gradient(logits, targets):
    return softmax_stable(logits) - targets


# %% cross-entropy | wrong | the loss is not divided by the batch
def cross_entropy_stable(logits, targets):
    log_p = log_softmax(logits)
    log_p = np.where(targets > 0, log_p, 0.0)
    return -np.sum(targets * log_p)


def cross_entropy_gradient(logits, targets):
    return (softmax_stable(logits) - targets) / len(logits)


# %% cross-entropy | wrong | nan_to_num hides NaN: a broken row costs nothing
def cross_entropy_stable(logits, targets):
    log_p = log_softmax(logits)
    return -np.sum(np.nan_to_num(targets * log_p)) / len(logits)


def cross_entropy_gradient(logits, targets):
    return (softmax_stable(logits) - targets) / len(logits)


# %% cross-entropy | wrong | the gradient is divided by the number of all entries instead of the batch
def cross_entropy_stable(logits, targets):
    log_p = log_softmax(logits)
    log_p = np.where(targets > 0, log_p, 0.0)
    return -np.sum(targets * log_p) / len(logits)


def cross_entropy_gradient(logits, targets):
    return (softmax_stable(logits) - targets) / logits.size


# %% log-sigmoid | wrong | exp(-x) overflows for very negative x
def log_sigmoid(x):
    return -np.log1p(np.exp(-x))


def binary_cross_entropy_with_logits(logits, targets):
    z = logits
    return np.mean(np.maximum(z, 0) - z * targets + np.log1p(np.exp(-np.abs(z))))


# %% log-sigmoid | wrong | if x >= 0 fails on arrays
def log_sigmoid(x):
    if x >= 0:
        return -np.log1p(np.exp(-x))
    return x - np.log1p(np.exp(x))


def binary_cross_entropy_with_logits(logits, targets):
    z = logits
    return np.mean(np.maximum(z, 0) - z * targets + np.log1p(np.exp(-np.abs(z))))


# %% log-sigmoid | wrong | the mean is taken over axis 0 only (inside the brackets)
def log_sigmoid(x):
    return np.minimum(x, 0) - np.log1p(np.exp(-np.abs(x)))


def binary_cross_entropy_with_logits(logits, targets):
    z = logits
    return np.mean(np.maximum(z, 0) - z * targets + np.log1p(np.exp(-np.abs(z))), axis=0)


# %% variance | wrong | mean of squares minus square of the mean cancels
def variance(x):
    return float(np.mean(x**2) - np.mean(x) ** 2)


# %% variance | wrong | mean of squares minus square of the mean cancels; clipped at 0
def variance(x):
    return float(max(np.mean(x**2) - np.mean(x) ** 2, 0))


# %% initialization | wrong | the standard deviation is 2 / n_in instead of its root
def he_init(n_in, n_out, rng):
    return rng.standard_normal((n_out, n_in)) * (2 / n_in)


def xavier_init(n_in, n_out, rng):
    return rng.standard_normal((n_out, n_in)) * np.sqrt(2 / (n_in + n_out))


def gradient_norms(weights, x, grad_output):
    a, zs = x, []
    for W in weights:
        z = a @ W.T
        zs.append(z)
        a = np.maximum(z, 0)
    grad = grad_output
    norms = [np.linalg.norm(grad)]
    for W, z in zip(reversed(weights), reversed(zs)):
        grad = (grad * (z > 0)) @ W
        norms.insert(0, np.linalg.norm(grad))
    return norms


# %% initialization | wrong | np.random is used instead of the given generator
def he_init(n_in, n_out, rng):
    return np.random.randn(n_out, n_in) * np.sqrt(2 / n_in)


def xavier_init(n_in, n_out, rng):
    return rng.standard_normal((n_out, n_in)) * np.sqrt(2 / (n_in + n_out))


def gradient_norms(weights, x, grad_output):
    a, zs = x, []
    for W in weights:
        z = a @ W.T
        zs.append(z)
        a = np.maximum(z, 0)
    grad = grad_output
    norms = [np.linalg.norm(grad)]
    for W, z in zip(reversed(weights), reversed(zs)):
        grad = (grad * (z > 0)) @ W
        norms.insert(0, np.linalg.norm(grad))
    return norms


# %% initialization | right | xavier sqrt(6/(n+n)) uniform (right variance)
def he_init(n_in, n_out, rng):
    return rng.standard_normal((n_out, n_in)) * np.sqrt(2 / n_in)


def xavier_init(n_in, n_out, rng):
    return rng.uniform(-1, 1, (n_out, n_in)) * np.sqrt(6 / (n_in + n_out))


def gradient_norms(weights, x, grad_output):
    a, zs = x, []
    for W in weights:
        z = a @ W.T
        zs.append(z)
        a = np.maximum(z, 0)
    grad = grad_output
    norms = [np.linalg.norm(grad)]
    for W, z in zip(reversed(weights), reversed(zs)):
        grad = (grad * (z > 0)) @ W
        norms.insert(0, np.linalg.norm(grad))
    return norms


# %% initialization | wrong | the mask is applied after W instead of before
def he_init(n_in, n_out, rng):
    return rng.standard_normal((n_out, n_in)) * np.sqrt(2 / n_in)


def xavier_init(n_in, n_out, rng):
    return rng.standard_normal((n_out, n_in)) * np.sqrt(2 / (n_in + n_out))


def gradient_norms(weights, x, grad_output):
    a, zs = x, []
    for W in weights:
        z = a @ W.T
        zs.append(z)
        a = np.maximum(z, 0)
    grad = grad_output
    norms = [np.linalg.norm(grad)]
    for W, z in zip(reversed(weights), reversed(zs)):
        grad = (grad @ W) * (z > 0)
        norms.insert(0, np.linalg.norm(grad))
    return norms


# %% initialization | wrong | w is transposed on the way back
def he_init(n_in, n_out, rng):
    return rng.standard_normal((n_out, n_in)) * np.sqrt(2 / n_in)


def xavier_init(n_in, n_out, rng):
    return rng.standard_normal((n_out, n_in)) * np.sqrt(2 / (n_in + n_out))


def gradient_norms(weights, x, grad_output):
    a, zs = x, []
    for W in weights:
        z = a @ W.T
        zs.append(z)
        a = np.maximum(z, 0)
    grad = grad_output
    norms = [np.linalg.norm(grad)]
    for W, z in zip(reversed(weights), reversed(zs)):
        grad = (grad * (z > 0)) @ W.T
        norms.insert(0, np.linalg.norm(grad))
    return norms


# %% initialization | wrong | the norm of grad_output is missing
def he_init(n_in, n_out, rng):
    return rng.standard_normal((n_out, n_in)) * np.sqrt(2 / n_in)


def xavier_init(n_in, n_out, rng):
    return rng.standard_normal((n_out, n_in)) * np.sqrt(2 / (n_in + n_out))


def gradient_norms(weights, x, grad_output):
    a, zs = x, []
    for W in weights:
        z = a @ W.T
        zs.append(z)
        a = np.maximum(z, 0)
    grad = grad_output
    norms = []
    for W, z in zip(reversed(weights), reversed(zs)):
        grad = (grad * (z > 0)) @ W
        norms.insert(0, np.linalg.norm(grad))
    return norms


# %% clip-gradient-norm | wrong | each array is clipped by itself instead of all by the joint norm
def clip_gradient_norm(gradients, max_norm):
    norm = np.sqrt(sum(np.sum(g**2) for g in gradients.values()))
    for g in gradients.values():
        n = np.linalg.norm(g)
        if n > max_norm:
            g *= max_norm / n
    return float(norm)


# %% clip-gradient-norm | wrong | entries are cut off instead of all being scaled
def clip_gradient_norm(gradients, max_norm):
    norm = np.sqrt(sum(np.sum(g**2) for g in gradients.values()))
    if norm > max_norm:
        for g in gradients.values():
            np.clip(g, -max_norm, max_norm, out=g)
    return float(norm)


# %% clip-gradient-norm | wrong | g = g * ... makes a new array: nothing is changed
def clip_gradient_norm(gradients, max_norm):
    norm = np.sqrt(sum(np.sum(g**2) for g in gradients.values()))
    if norm > max_norm:
        for g in gradients.values():
            g = g * max_norm / norm
    return float(norm)


# %% clip-gradient-norm | wrong | the norm after clipping is returned
def clip_gradient_norm(gradients, max_norm):
    norm = np.sqrt(sum(np.sum(g**2) for g in gradients.values()))
    if norm > max_norm:
        for g in gradients.values():
            g *= max_norm / norm
    return float(min(norm, max_norm))


# %% clip-gradient-norm | wrong | 1e-6 is added to the norm (PyTorch's way)
def clip_gradient_norm(gradients, max_norm):
    norm = np.sqrt(sum(np.sum(g**2) for g in gradients.values()))
    if norm > max_norm:
        for g in gradients.values():
            g *= max_norm / (norm + 1e-6)
    return float(norm)


# %% clip-gradient-norm | wrong | the norms are added instead of their squares
def clip_gradient_norm(gradients, max_norm):
    norm = sum(np.linalg.norm(g) for g in gradients.values())
    if norm > max_norm:
        for g in gradients.values():
            g *= max_norm / norm
    return float(norm)


# %% clip-gradient-norm | wrong | max_norm is forgotten: scaled to length 1
def clip_gradient_norm(gradients, max_norm):
    norm = np.sqrt(sum(np.sum(g**2) for g in gradients.values()))
    if norm > max_norm:
        for g in gradients.values():
            g /= norm
    return float(norm)


# %% float16-gradient | wrong | a float16 result is returned
def float16_gradient(grad, loss_scale):
    with np.errstate(over="ignore"):
        half = (np.asarray(grad, dtype=np.float64) * loss_scale).astype(np.float16)
    return half / np.float16(loss_scale)


# %% square-check-hunt | wrong | the pair of gradient_check is returned instead of the error
def square_check(c, x, claimed):
    return gradient_check(lambda x: np.sum(c * x**2), x, claimed)


def counterexample_1():
    return np.array([1.0, 1e-12]), np.array([1.0, 1.0]), np.array([2.0, -2e-12])


# %% example-loss-hunt | wrong | only the constant is removed: a probability that underflows gives inf
def example_loss(logits, k):
    e = np.exp(logits - np.max(logits))
    return -np.log(e[k] / np.sum(e))


def counterexample_2():
    return np.array([100.0, 0.0]), 1


# %% example-loss-hunt | right | counterexample k = 0
def example_loss(logits, k):
    return logsumexp(logits) - logits[k]


def counterexample_2():
    return np.array([100.0, 0.0]), 0


# %% gate-hunt | wrong | exp(-x) overflows with a warning for very negative x
def gate(x):
    return 1 / (1 + np.exp(-x))


def counterexample_3():
    return (1000.0,)


# %% gate-hunt | wrong | the counterexample is a number, not a tuple
def gate(x):
    e = np.exp(-np.abs(x))
    return np.where(np.asarray(x) >= 0, 1 / (1 + e), e / (1 + e))


def counterexample_3():
    return 1000.0


# %% layer-check-hunt | wrong | only grad_W is checked
def layer_check(backward, rng):
    W, b = rng.standard_normal((3, 4)), rng.standard_normal(3)
    x, grad_output = rng.standard_normal((5, 4)), rng.standard_normal((5, 3))
    arrays = [W, b, x]
    claims = backward(W, b, x, grad_output)
    worst = 0.0
    for k in range(1):
        measured = np.zeros_like(arrays[k])
        for i in np.ndindex(arrays[k].shape):
            up = [a.copy() for a in arrays]
            down = [a.copy() for a in arrays]
            up[k][i] += 1e-5
            down[k][i] -= 1e-5
            loss = [np.sum(grad_output * (q[2] @ q[0].T + q[1])) for q in (up, down)]
            measured[i] = (loss[0] - loss[1]) / 2e-5
        worst = max(worst, relative_error(claims[k], measured))
    return worst


def counterexample_4(W, b, x, grad_output):
    return grad_output.T @ x, 2 * grad_output.sum(axis=0), grad_output @ W


# %% layer-check-hunt | wrong | only the last of the three errors is returned
def layer_check(backward, rng):
    W, b = rng.standard_normal((3, 4)), rng.standard_normal(3)
    x, grad_output = rng.standard_normal((5, 4)), rng.standard_normal((5, 3))
    arrays = [W, b, x]
    claims = backward(W, b, x, grad_output)
    worst = 0.0
    for k in range(3):
        measured = np.zeros_like(arrays[k])
        for i in np.ndindex(arrays[k].shape):
            up = [a.copy() for a in arrays]
            down = [a.copy() for a in arrays]
            up[k][i] += 1e-5
            down[k][i] -= 1e-5
            loss = [np.sum(grad_output * (q[2] @ q[0].T + q[1])) for q in (up, down)]
            measured[i] = (loss[0] - loss[1]) / 2e-5
        worst = relative_error(claims[k], measured)
    return worst


def counterexample_4(W, b, x, grad_output):
    return grad_output.T @ x, 2 * grad_output.sum(axis=0), grad_output @ W


# %% layer-check-hunt | wrong | a list of the three errors is returned
def layer_check(backward, rng):
    W, b = rng.standard_normal((3, 4)), rng.standard_normal(3)
    x, grad_output = rng.standard_normal((5, 4)), rng.standard_normal((5, 3))
    arrays = [W, b, x]
    claims = backward(W, b, x, grad_output)
    worst = []
    for k in range(3):
        measured = np.zeros_like(arrays[k])
        for i in np.ndindex(arrays[k].shape):
            up = [a.copy() for a in arrays]
            down = [a.copy() for a in arrays]
            up[k][i] += 1e-5
            down[k][i] -= 1e-5
            loss = [np.sum(grad_output * (q[2] @ q[0].T + q[1])) for q in (up, down)]
            measured[i] = (loss[0] - loss[1]) / 2e-5
        worst.append(relative_error(claims[k], measured))
    return worst


def counterexample_4(W, b, x, grad_output):
    return grad_output.T @ x, 2 * grad_output.sum(axis=0), grad_output @ W


# %% gradient-check | wrong | the measured gradient is stored in float32
def gradient_check(f, x, analytical_grad, eps=1e-5):
    x = np.array(x, dtype=float)
    measured = np.zeros(x.shape, dtype=np.float32)
    noise = np.zeros_like(x)
    for i in np.ndindex(x.shape):
        step = eps * max(1, abs(x[i]))
        up, down = x.copy(), x.copy()
        up[i] += step
        down[i] -= step
        fu, fd = f(up), f(down)
        measured[i] = (fu - fd) / (2 * step)
        noise[i] = 10 * 2.2e-16 * max(abs(fu), abs(fd)) / step
    return relative_error(analytical_grad, measured, noise), measured


# %% gradient-check | wrong | the largest noise forgives all entries
def gradient_check(f, x, analytical_grad, eps=1e-5):
    x = np.array(x, dtype=float)
    measured = np.zeros_like(x)
    noise = np.zeros_like(x)
    for i in np.ndindex(x.shape):
        step = eps * max(1, abs(x[i]))
        up, down = x.copy(), x.copy()
        up[i] += step
        down[i] -= step
        fu, fd = f(up), f(down)
        measured[i] = (fu - fd) / (2 * step)
        noise[i] = 10 * 2.2e-16 * max(abs(fu), abs(fd)) / step
    return relative_error(analytical_grad, measured, noise.max()), measured


# %% steps-of-differences | wrong | the caller's list is sorted in place
def best_step(f, df, x, steps):
    steps.sort()
    errors = [abs((f(x + h) - f(x - h)) / (2 * h) - df(x)) for h in steps]
    return steps[int(np.argmin(errors))]


def complex_step(f, x):
    return np.imag(f(x + 1e-30j)) / 1e-30


# %% log-softmax | wrong | backward sums over everything
def log_softmax(x, axis=-1):
    return x - logsumexp(x, axis=axis, keepdims=True)


def log_softmax_backward(grad_output, output):
    return grad_output - np.exp(output) * grad_output.sum()


# %% cross-entropy | wrong | nansum drops NaN: a broken row costs nothing
def cross_entropy_stable(logits, targets):
    log_p = log_softmax(logits)
    return -np.nansum(targets * log_p) / len(logits)


def cross_entropy_gradient(logits, targets):
    return (softmax_stable(logits) - targets) / len(logits)


# %% log-sigmoid | wrong | the exponent is clipped at 700: -1000 gives -700
def log_sigmoid(x):
    return -np.log1p(np.exp(np.clip(-x, -700, 700)))


def binary_cross_entropy_with_logits(logits, targets):
    z = logits
    return np.mean(np.maximum(z, 0) - z * targets + np.log1p(np.exp(-np.abs(z))))


# %% log-sigmoid | wrong | soft targets (between 0 and 1) count as 0
def log_sigmoid(x):
    return np.minimum(x, 0) - np.log1p(np.exp(-np.abs(x)))


def binary_cross_entropy_with_logits(logits, targets):
    z = logits
    return -np.mean(np.where(targets == 1, log_sigmoid(z), log_sigmoid(-z)))


# %% initialization | wrong | the matrix's spectral norm (ord 2) is taken
def he_init(n_in, n_out, rng):
    return rng.standard_normal((n_out, n_in)) * np.sqrt(2 / n_in)


def xavier_init(n_in, n_out, rng):
    return rng.standard_normal((n_out, n_in)) * np.sqrt(2 / (n_in + n_out))


def gradient_norms(weights, x, grad_output):
    a, zs = x, []
    for W in weights:
        z = a @ W.T
        zs.append(z)
        a = np.maximum(z, 0)
    grad = grad_output
    norms = [np.linalg.norm(grad, 2)]
    for W, z in zip(reversed(weights), reversed(zs)):
        grad = (grad * (z > 0)) @ W
        norms.insert(0, np.linalg.norm(grad, 2))
    return norms


# %% clip-gradient-norm | right | >= and factor 1
def clip_gradient_norm(gradients, max_norm):
    norm = np.sqrt(sum(np.sum(g**2) for g in gradients.values()))
    if norm >= max_norm:
        for g in gradients.values():
            g *= max_norm / norm
    return float(norm)


# %% clip-gradient-norm | wrong | clipped only when a single array's norm is too large, not the joint norm
def clip_gradient_norm(gradients, max_norm):
    norm = np.sqrt(sum(np.sum(g**2) for g in gradients.values()))
    if any(np.linalg.norm(g) > max_norm for g in gradients.values()):
        for g in gradients.values():
            g *= max_norm / norm
    return float(norm)


# %% float16-gradient | wrong | the scaling is done in float32
def float16_gradient(grad, loss_scale):
    with np.errstate(over="ignore"):
        half = (np.asarray(grad, dtype=np.float32) * loss_scale).astype(np.float16)
    return half.astype(np.float64) / loss_scale


# %% layer-check-hunt | wrong | grad_x is never checked
def layer_check(backward, rng):
    W, b = rng.standard_normal((3, 4)), rng.standard_normal(3)
    x, grad_output = rng.standard_normal((5, 4)), rng.standard_normal((5, 3))
    arrays = [W, b, x]
    claims = backward(W, b, x, grad_output)
    worst = 0.0
    for k in range(2):
        measured = np.zeros_like(arrays[k])
        for i in np.ndindex(arrays[k].shape):
            up = [a.copy() for a in arrays]
            down = [a.copy() for a in arrays]
            up[k][i] += 1e-5
            down[k][i] -= 1e-5
            loss = [np.sum(grad_output * (q[2] @ q[0].T + q[1])) for q in (up, down)]
            measured[i] = (loss[0] - loss[1]) / 2e-5
        worst = max(worst, relative_error(claims[k], measured))
    return worst


def counterexample_4(W, b, x, grad_output):
    return grad_output.T @ x, 2 * grad_output.sum(axis=0), grad_output @ W


# %% layer-check-hunt | right | square batch hides transposes: 3x3
def layer_check(backward, rng):
    W, b = rng.standard_normal((3, 3)), rng.standard_normal(3)
    x, grad_output = rng.standard_normal((3, 3)), rng.standard_normal((3, 3))
    arrays = [W, b, x]
    claims = backward(W, b, x, grad_output)
    worst = 0.0
    for k in range(3):
        measured = np.zeros_like(arrays[k])
        for i in np.ndindex(arrays[k].shape):
            up = [a.copy() for a in arrays]
            down = [a.copy() for a in arrays]
            up[k][i] += 1e-5
            down[k][i] -= 1e-5
            loss = [np.sum(grad_output * (q[2] @ q[0].T + q[1])) for q in (up, down)]
            measured[i] = (loss[0] - loss[1]) / 2e-5
        worst = max(worst, relative_error(claims[k], measured))
    return worst


def counterexample_4(W, b, x, grad_output):
    return grad_output.T @ x, 2 * grad_output.sum(axis=0), grad_output @ W


# %% layer-check-hunt | wrong | the upstream gradient is all ones: some faults do not show
def layer_check(backward, rng):
    W, b = rng.standard_normal((3, 4)), rng.standard_normal(3)
    x, grad_output = rng.standard_normal((5, 4)), np.ones((5, 3))
    arrays = [W, b, x]
    claims = backward(W, b, x, grad_output)
    worst = 0.0
    for k in range(3):
        measured = np.zeros_like(arrays[k])
        for i in np.ndindex(arrays[k].shape):
            up = [a.copy() for a in arrays]
            down = [a.copy() for a in arrays]
            up[k][i] += 1e-5
            down[k][i] -= 1e-5
            loss = [np.sum(grad_output * (q[2] @ q[0].T + q[1])) for q in (up, down)]
            measured[i] = (loss[0] - loss[1]) / 2e-5
        worst = max(worst, relative_error(claims[k], measured))
    return worst


def counterexample_4(W, b, x, grad_output):
    return grad_output.T @ x, 2 * grad_output.sum(axis=0), grad_output @ W


# %% layer-check-hunt | wrong | the mean of the errors is returned instead of the largest
def layer_check(backward, rng):
    W, b = rng.standard_normal((3, 4)), rng.standard_normal(3)
    x, grad_output = rng.standard_normal((5, 4)), rng.standard_normal((5, 3))
    arrays = [W, b, x]
    claims = backward(W, b, x, grad_output)
    worst = 0.0
    for k in range(3):
        measured = np.zeros_like(arrays[k])
        for i in np.ndindex(arrays[k].shape):
            up = [a.copy() for a in arrays]
            down = [a.copy() for a in arrays]
            up[k][i] += 1e-5
            down[k][i] -= 1e-5
            loss = [np.sum(grad_output * (q[2] @ q[0].T + q[1])) for q in (up, down)]
            measured[i] = (loss[0] - loss[1]) / 2e-5
        worst = max(worst, relative_error(claims[k], measured))
    return worst / 3


def counterexample_4(W, b, x, grad_output):
    return grad_output.T @ x, 2 * grad_output.sum(axis=0), grad_output @ W


# %% relative-error-of-gradients | right | another right way 1
def relative_error(a, b, noise=0.0):
    a, b = np.array(a, float), np.array(b, float)
    if a.shape != b.shape:
        raise ValueError(f"{a.shape} {b.shape}")
    with np.errstate(all="ignore"):
        ratio = np.maximum(abs(a - b) - noise, 0) / np.maximum(abs(a), abs(b))
    ratio = np.where((a == 0) & (b == 0), 0.0, ratio)
    if np.isnan(ratio).any():
        return float("inf")
    return float(ratio.max())


# %% log-sigmoid | right | another right way 1
def log_sigmoid(x):
    return -np.logaddexp(0, -x)


def binary_cross_entropy_with_logits(logits, targets):
    return -np.mean(targets * log_sigmoid(logits) + (1 - targets) * log_sigmoid(-logits))


# %% clip-gradient-norm | right | another right way 1
def clip_gradient_norm(gradients, max_norm):
    norm = np.linalg.norm([np.linalg.norm(g) for g in gradients.values()])
    factor = min(1.0, max_norm / norm) if norm > 0 else 1.0
    for g in gradients.values():
        g[...] = g * factor
    return norm


# %% clip-gradient-norm | right | another right way 2
def clip_gradient_norm(gradients, max_norm):
    norm = np.linalg.norm(np.concatenate([g.ravel() for g in gradients.values()]))
    if norm > max_norm:
        for name in gradients:
            gradients[name] *= max_norm / norm
    return norm


# %% float16-gradient | right | another right way 1
def float16_gradient(grad, loss_scale):
    with np.errstate(over="ignore"):
        return np.float16(np.float64(grad) * loss_scale).astype(float) / loss_scale


# %% relative-error-of-gradients | wrong | a number and an array of one are the same
def relative_error(a, b, noise=0.0):
    a, b = np.atleast_1d(np.asarray(a, dtype=float)), np.atleast_1d(np.asarray(b, dtype=float))
    if a.shape != b.shape:
        raise ValueError("shapes")
    if not (np.isfinite(a).all() and np.isfinite(b).all()):
        return float("inf")
    d = np.maximum(np.abs(a), np.abs(b))
    return float(np.max(np.maximum(np.abs(a - b) - noise, 0) / np.where(d == 0, 1, d)))


# %% relative-error-of-gradients | wrong | a floor under the denominator
def relative_error(a, b, noise=0.0):
    a, b = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    if a.shape != b.shape:
        raise ValueError("shapes")
    if np.isnan(a).any() or np.isnan(b).any():
        return float("inf")
    d = np.maximum(np.maximum(np.abs(a), np.abs(b)), 1e-12)
    return float(np.max(np.maximum(np.abs(a - b) - noise, 0) / d))


# %% relative-error-of-gradients | wrong | the largest noise for all
def relative_error(a, b, noise=0.0):
    a, b = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    if a.shape != b.shape:
        raise ValueError("shapes")
    if np.isnan(a).any() or np.isnan(b).any():
        return float("inf")
    d = np.maximum(np.abs(a), np.abs(b))
    return float(np.max(np.maximum(np.abs(a - b) - np.max(noise), 0) / np.where(d == 0, 1, d)))


# %% gradient-check | wrong | noise by the values, not their size
def gradient_check(f, x, analytical_grad, eps=1e-5):
    x = np.array(x, dtype=float)
    num, noise = np.zeros(x.shape), np.zeros(x.shape)
    for i in np.ndindex(x.shape):
        old, h = x[i], eps * max(1.0, abs(x[i]))
        x[i] = old + h
        p = float(f(x.copy()))
        x[i] = old - h
        m = float(f(x.copy()))
        x[i] = old
        num[i], noise[i] = (p - m) / (2 * h), 10 * 2.2e-16 * max(p, m, 0.0) / h
    return relative_error(analytical_grad, num, noise), num


# %% steps-of-differences | wrong | best_step: the index
def best_step(f, df, x, steps):
    return int(np.argmin([abs((f(x + h) - f(x - h)) / (2 * h) - df(x)) for h in steps]))


def complex_step(f, x):
    return np.imag(f(x + 1e-30j)) / 1e-30


# %% steps-of-differences | wrong | complex_step: step of 1e-8
def best_step(f, df, x, steps):
    errors = [abs((f(x + h) - f(x - h)) / (2 * h) - df(x)) for h in steps]
    return steps[int(np.argmin(errors))]


def complex_step(f, x):
    return np.imag(f(x + 1e-8j)) / 1e-8 * (1 + 1e-9)


# %% softmax-stable | wrong | one maximum for all
def softmax_stable(x, axis=-1):
    x = np.asarray(x, dtype=float)
    with np.errstate(all="ignore"):
        e = np.exp(x - np.max(x))
        return e / e.sum(axis=axis, keepdims=True)


# %% softmax-stable | wrong | all minus infinity gives zeros
def softmax_stable(x, axis=-1):
    x = np.asarray(x, dtype=float)
    m = np.max(x, axis=axis, keepdims=True)
    e = np.exp(x - np.where(np.isinf(m), 0, m))
    s = e.sum(axis=axis, keepdims=True)
    return e / np.where(s == 0, 1, s)


# %% softmax-stable | wrong | float32 stays
def softmax_stable(x, axis=-1):
    with np.errstate(all="ignore"):
        e = np.exp(x - np.max(x, axis=axis, keepdims=True))
        return e / e.sum(axis=axis, keepdims=True)


# %% softmax-stable | wrong | clipped scores
def softmax_stable(x, axis=-1):
    with np.errstate(invalid="ignore"):
        x = np.asarray(x, dtype=float)
        x = np.where(np.isfinite(x), np.clip(x, -500, 500), x)
        e = np.exp(x - np.max(x, axis=axis, keepdims=True))
        return e / e.sum(axis=axis, keepdims=True)


# %% logsumexp | wrong | warns
def logsumexp(x, axis=-1, keepdims=False):
    x = np.asarray(x, dtype=float)
    m = np.max(x, axis=axis, keepdims=True)
    m = np.where(np.isfinite(m), m, 0)
    r = np.log(np.sum(np.exp(x - m), axis=axis, keepdims=True)) + m
    return r if keepdims else np.squeeze(r, axis=axis)


# %% logsumexp | wrong | float32 result
def logsumexp(x, axis=-1, keepdims=False):
    x = np.asarray(x, dtype=float)
    top = np.max(x, axis=axis, keepdims=True)
    shift = np.where(np.isfinite(top), top, 0.0)
    with np.errstate(all="ignore"):  # log(0) = -inf and exp(inf) = inf are meant
        total = shift + np.log(np.sum(np.exp(x - shift), axis=axis, keepdims=True))
    return total if keepdims else np.squeeze(total, axis=axis)


_ls = logsumexp


def logsumexp(x, axis=-1, keepdims=False):
    return np.asarray(_ls(x, axis, keepdims), dtype=np.float32)


# %% log-softmax | wrong | log_softmax_backward: output taken for probabilities
def log_softmax(x, axis=-1):
    return np.asarray(x, dtype=float) - logsumexp(x, axis=axis, keepdims=True)


def log_softmax_backward(grad_output, output):
    return grad_output - output * grad_output.sum(axis=-1, keepdims=True)


# %% cross-entropy | wrong | cross_entropy_stable: the largest target is the class
def cross_entropy_stable(logits, targets):
    z = logits - logits.max(-1, keepdims=True)
    lp = z - np.log(np.exp(z).sum(-1, keepdims=True))
    return float(-lp[np.arange(len(z)), targets.argmax(-1)].mean())


def cross_entropy_gradient(logits, targets):
    return (softmax_stable(logits) - targets) / len(logits)


# %% cross-entropy | wrong | cross_entropy_stable: an impossible class that is right costs nothing
def cross_entropy_stable(logits, targets):
    z = logits - logits.max(-1, keepdims=True)
    lp = z - np.log(np.exp(z).sum(-1, keepdims=True))
    return float(-np.sum(targets * np.where(np.isinf(lp), 0, lp)) / len(z))


def cross_entropy_gradient(logits, targets):
    return (softmax_stable(logits) - targets) / len(logits)


# %% cross-entropy | wrong | cross_entropy_stable: clipped logits
def cross_entropy_stable(logits, targets):
    z = np.clip(logits - logits.max(-1, keepdims=True), -700, 0)
    lp = z - np.log(np.exp(z).sum(-1, keepdims=True))
    return float(-np.sum(targets * lp) / len(z))


def cross_entropy_gradient(logits, targets):
    return (softmax_stable(logits) - targets) / len(logits)


# %% cross-entropy | wrong | cross_entropy_stable: NaN is skipped, infinite losses too
def cross_entropy_stable(logits, targets):
    with np.errstate(invalid="ignore"):
        z = logits - logits.max(-1, keepdims=True)
        lp = z - np.log(np.exp(z).sum(-1, keepdims=True))
        return float(-np.mean(np.sum(np.nan_to_num(targets * lp, neginf=0.0), axis=-1)))


def cross_entropy_gradient(logits, targets):
    return (softmax_stable(logits) - targets) / len(logits)


# %% cross-entropy | wrong | cross_entropy_gradient: measured
def cross_entropy_stable(logits, targets):
    targets = np.asarray(targets, dtype=float)
    log_p = np.where(targets > 0, log_softmax(logits), 0.0)  # else 0 * -inf
    return float(-np.sum(targets * log_p) / len(targets))


def cross_entropy_gradient(logits, targets):
    def loss(z):
        z = z - z.max(-1, keepdims=True)
        lp = z - np.log(np.exp(z).sum(-1, keepdims=True))
        return -np.sum(np.where(targets == 0, 0, targets * lp)) / len(z)

    g = np.zeros(logits.shape)
    for i in np.ndindex(logits.shape):
        e = np.zeros(logits.shape)
        e[i] = 1e-5
        g[i] = (loss(logits + e) - loss(logits - e)) / 2e-5
    return g


# %% log-sigmoid | wrong | log_sigmoid: both branches
def log_sigmoid(x):
    x = np.asarray(x, dtype=float)
    return np.where(x > 0, -np.log1p(np.exp(-x)), x - np.log1p(np.exp(x)))


def binary_cross_entropy_with_logits(logits, targets):
    logits = np.asarray(logits, dtype=float)
    losses = np.maximum(logits, 0) - logits * targets + np.log1p(np.exp(-np.abs(logits)))
    return float(np.mean(losses))


# %% log-sigmoid | wrong | log_sigmoid: tail of zeros
def log_sigmoid(x):
    x = np.asarray(x, dtype=float)
    return np.where(x > 40, 0.0, np.minimum(x, 0) - np.log1p(np.exp(-np.abs(x))))


def binary_cross_entropy_with_logits(logits, targets):
    logits = np.asarray(logits, dtype=float)
    losses = np.maximum(logits, 0) - logits * targets + np.log1p(np.exp(-np.abs(logits)))
    return float(np.mean(losses))


# %% log-sigmoid | right | log_sigmoid: logaddexp
def log_sigmoid(x):
    return -np.logaddexp(0.0, np.negative(x))


def binary_cross_entropy_with_logits(logits, targets):
    logits = np.asarray(logits, dtype=float)
    losses = np.maximum(logits, 0) - logits * targets + np.log1p(np.exp(-np.abs(logits)))
    return float(np.mean(losses))


# %% variance | wrong | in float32
def variance(x):
    return float(np.var(np.asarray(x, dtype=np.float32)))


# %% variance | right | welford
def variance(x):
    mean, m2 = 0.0, 0.0
    for k, v in enumerate(np.asarray(x, dtype=float).tolist(), 1):
        d = v - mean
        mean += d / k
        m2 += d * (v - mean)
    return m2 / len(x)


# %% initialization | wrong | he_init: transposed shape
def he_init(n_in, n_out, rng):
    return rng.standard_normal((n_in, n_out)) * np.sqrt(2 / n_in)


def xavier_init(n_in, n_out, rng):
    return rng.standard_normal((n_out, n_in)) * np.sqrt(2.0 / (n_in + n_out))


def gradient_norms(weights, x, grad_output):
    zs, a = [], x
    for W in weights:
        zs.append(a @ W.T)
        a = np.maximum(zs[-1], 0)
    norms, grad = [float(np.linalg.norm(grad_output))], grad_output
    for W, z in zip(reversed(weights), reversed(zs), strict=True):
        grad = (grad * (z > 0)) @ W
        norms.insert(0, float(np.linalg.norm(grad)))
    return norms


# %% initialization | wrong | he_init: one row repeated
def he_init(n_in, n_out, rng):
    return np.tile(rng.standard_normal((1, n_in)), (n_out, 1)) * np.sqrt(2 / n_in)


def xavier_init(n_in, n_out, rng):
    return rng.standard_normal((n_out, n_in)) * np.sqrt(2.0 / (n_in + n_out))


def gradient_norms(weights, x, grad_output):
    zs, a = [], x
    for W in weights:
        zs.append(a @ W.T)
        a = np.maximum(zs[-1], 0)
    norms, grad = [float(np.linalg.norm(grad_output))], grad_output
    for W, z in zip(reversed(weights), reversed(zs), strict=True):
        grad = (grad * (z > 0)) @ W
        norms.insert(0, float(np.linalg.norm(grad)))
    return norms


# %% initialization | wrong | he_init: never negative
def he_init(n_in, n_out, rng):
    return np.abs(rng.standard_normal((n_out, n_in))) * np.sqrt(2 / n_in)


def xavier_init(n_in, n_out, rng):
    return rng.standard_normal((n_out, n_in)) * np.sqrt(2.0 / (n_in + n_out))


def gradient_norms(weights, x, grad_output):
    zs, a = [], x
    for W in weights:
        zs.append(a @ W.T)
        a = np.maximum(zs[-1], 0)
    norms, grad = [float(np.linalg.norm(grad_output))], grad_output
    for W, z in zip(reversed(weights), reversed(zs), strict=True):
        grad = (grad * (z > 0)) @ W
        norms.insert(0, float(np.linalg.norm(grad)))
    return norms


# %% initialization | wrong | xavier_init: uniform of width one
def he_init(n_in, n_out, rng):
    return rng.standard_normal((n_out, n_in)) * np.sqrt(2.0 / n_in)


def xavier_init(n_in, n_out, rng):
    a = np.sqrt(2 / (n_in + n_out))
    return rng.uniform(-a, a, (n_out, n_in))


def gradient_norms(weights, x, grad_output):
    zs, a = [], x
    for W in weights:
        zs.append(a @ W.T)
        a = np.maximum(zs[-1], 0)
    norms, grad = [float(np.linalg.norm(grad_output))], grad_output
    for W, z in zip(reversed(weights), reversed(zs), strict=True):
        grad = (grad * (z > 0)) @ W
        norms.insert(0, float(np.linalg.norm(grad)))
    return norms


# %% initialization | wrong | gradient_norms: output first
def he_init(n_in, n_out, rng):
    return rng.standard_normal((n_out, n_in)) * np.sqrt(2.0 / n_in)


def xavier_init(n_in, n_out, rng):
    return rng.standard_normal((n_out, n_in)) * np.sqrt(2.0 / (n_in + n_out))


def gradient_norms(weights, x, grad_output):
    zs, a = [], x
    for W in weights:
        zs.append(a @ W.T)
        a = np.maximum(zs[-1], 0)
    norms, grad = [float(np.linalg.norm(grad_output))], grad_output
    for W, z in zip(reversed(weights), reversed(zs), strict=True):
        grad = (grad * (z > 0)) @ W
        norms.insert(0, float(np.linalg.norm(grad)))
    return norms


_gn = gradient_norms


def gradient_norms(weights, x, grad_output):
    return _gn(weights, x, grad_output)[::-1]


# %% initialization | wrong | gradient_norms: the last layer is linear
def he_init(n_in, n_out, rng):
    return rng.standard_normal((n_out, n_in)) * np.sqrt(2.0 / n_in)


def xavier_init(n_in, n_out, rng):
    return rng.standard_normal((n_out, n_in)) * np.sqrt(2.0 / (n_in + n_out))


def gradient_norms(weights, x, grad_output):
    masks, a = [], x
    for k, W in enumerate(weights):
        z = a @ W.T
        masks.append(z > 0 if k < len(weights) - 1 else np.ones(z.shape, bool))
        a = z * masks[-1]
    norms, g = [float(np.linalg.norm(grad_output))], grad_output
    for W, m in zip(weights[::-1], masks[::-1]):
        g = (g * m) @ W
        norms.insert(0, float(np.linalg.norm(g)))
    return norms


# %% initialization | wrong | gradient_norms: mean over the batch
def he_init(n_in, n_out, rng):
    return rng.standard_normal((n_out, n_in)) * np.sqrt(2.0 / n_in)


def xavier_init(n_in, n_out, rng):
    return rng.standard_normal((n_out, n_in)) * np.sqrt(2.0 / (n_in + n_out))


def gradient_norms(weights, x, grad_output):
    zs, a = [], x
    for W in weights:
        zs.append(a @ W.T)
        a = np.maximum(zs[-1], 0)
    norms, grad = [float(np.linalg.norm(grad_output))], grad_output
    for W, z in zip(reversed(weights), reversed(zs), strict=True):
        grad = (grad * (z > 0)) @ W
        norms.insert(0, float(np.linalg.norm(grad)))
    return norms


_gn = gradient_norms


def gradient_norms(weights, x, grad_output):
    return [n / np.sqrt(len(x)) for n in _gn(weights, x, grad_output)]


# %% initialization | wrong | the mask comes from a layer's input
def he_init(n_in, n_out, rng):
    return np.sqrt(2 / n_in) * rng.standard_normal((n_out, n_in))


def xavier_init(n_in, n_out, rng):
    return np.sqrt(2 / (n_in + n_out)) * rng.standard_normal((n_out, n_in))


def gradient_norms(weights, x, grad_output):
    activations = [x]
    for W in weights:
        activations.append(np.maximum(0, activations[-1] @ W.T))
    grad = grad_output
    norms = [float(np.linalg.norm(grad))]
    for k in reversed(range(len(weights))):
        grad = (grad @ weights[k]) * (activations[k] > 0)
        norms.insert(0, float(np.linalg.norm(grad)))
    return norms


# %% clip-gradient-norm | wrong | a little added to the norm
def clip_gradient_norm(gradients, max_norm):
    total = float(np.sqrt(sum(np.sum(g * g) for g in gradients.values())))
    if total > max_norm:
        for g in gradients.values():
            g *= max_norm / (total + 1e-6)
    return total


# %% clip-gradient-norm | wrong | short gradients are made longer
def clip_gradient_norm(gradients, max_norm):
    total = float(np.sqrt(sum(np.sum(g * g) for g in gradients.values())))
    if total > 0:
        for g in gradients.values():
            g *= max_norm / total
    return total


# %% clip-gradient-norm | wrong | contiguous arrays only
def clip_gradient_norm(gradients, max_norm):
    total = float(np.sqrt(sum(np.sum(g * g) for g in gradients.values())))
    if total > max_norm:
        for g in gradients.values():
            flat = g.reshape(-1)
            flat *= max_norm / total
    return total


# %% float16-gradient | wrong | small numbers are zero
def float16_gradient(grad, loss_scale):
    with np.errstate(all="ignore"):
        h = np.float16(np.asarray(grad, float) * loss_scale).astype(float)
    return np.where(np.abs(h) < 6.1e-5, 0.0, h) / loss_scale


# %% square-check-hunt | wrong | norm with a smaller floor
def square_check(c, x, claimed):
    measured = 2 * np.asarray(c, dtype=float) * np.asarray(x, dtype=float)
    size = np.linalg.norm(measured) + np.linalg.norm(claimed) + 1e-300
    return np.linalg.norm(measured - claimed) / size


def counterexample_1():
    return np.array([1, 2]), np.array([1, 1]), np.array([2.0, 4.0])


# %% clip-gradient-norm | right | norm of norms and out
def clip_gradient_norm(gradients, max_norm):
    total = float(np.linalg.norm([np.linalg.norm(g.ravel()) for g in gradients.values()]))
    scale = 1.0 if total <= max_norm else max_norm / total
    for g in gradients.values():
        np.multiply(g, scale, out=g)
    return total


# %% gate-hunt | wrong | one half in the middle: the branch is at -1
def gate(x):
    e = np.exp(-np.abs(x))
    return np.where(np.asarray(x) >= -1, 1.0, e) / (1 + e)


def counterexample_3():
    return (1000.0,)


# %% layer-check-hunt | wrong | sees only what is too large
def layer_check(backward, rng):
    W, b = rng.standard_normal((3, 4)), rng.standard_normal(3)
    x, g = rng.standard_normal((5, 4)), rng.standard_normal((5, 3))
    worst = 0.0
    for claimed, right in zip(backward(W, b, x, g), (g.T @ x, g.sum(axis=0), g @ W)):
        if np.shape(claimed) != right.shape or np.isnan(claimed).any():
            return np.inf
        size = np.maximum(np.abs(claimed), np.abs(right))
        worst = max(worst, np.max((claimed - right) / np.where(size > 0, size, 1.0)))
    return worst


def counterexample_4(W, b, x, grad_output):
    return grad_output.T @ x / len(x), grad_output.sum(axis=0) / len(x), grad_output @ W


# %% layer-check-hunt | wrong | one NaN gets past
def layer_check(backward, rng):
    W, b = rng.standard_normal((3, 4)), rng.standard_normal(3)
    x, g = rng.standard_normal((5, 4)), rng.standard_normal((5, 3))
    worst = 0.0
    for claimed, right in zip(backward(W, b, x, g), (g.T @ x, g.sum(axis=0), g @ W)):
        if np.shape(claimed) != right.shape or np.isnan(claimed).all():
            return np.inf
        size = np.maximum(np.abs(claimed), np.abs(right))
        worst = max(worst, np.max(np.abs(claimed - right) / np.where(size > 0, size, 1.0)))
    return worst


def counterexample_4(W, b, x, grad_output):
    return grad_output.T @ x / len(x), grad_output.sum(axis=0) / len(x), grad_output @ W


# %% square-check-hunt | wrong | NaN for an entry 0
def square_check(c, x, claimed):
    c, x = np.asarray(c, dtype=float), np.asarray(x, dtype=float)
    measured = 2 * c * x
    with np.errstate(all="ignore"):
        return np.max(np.abs(measured - claimed) / np.maximum(np.abs(measured), np.abs(claimed)))


def counterexample_1():
    return np.array([1, 2]), np.array([1, 1]), np.array([2.0, 4.0])


# %% relative-error-of-gradients | wrong | looks for NaN alone, so inf comes out as NaN
def relative_error(a, b, noise=0.0):
    a, b = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    if a.shape != b.shape:
        raise ValueError("shapes")
    if np.isnan(a).any() or np.isnan(b).any():
        return np.inf
    off, size = np.maximum(np.abs(a - b) - noise, 0), np.maximum(np.abs(a), np.abs(b))
    return float(np.max(np.divide(off, size, out=np.zeros_like(off), where=size > 0)))


# %% logsumexp | wrong | the logarithm of the mean
def logsumexp(x, axis=-1, keepdims=False):
    x = np.asarray(x, dtype=float)
    top = np.max(x, axis=axis, keepdims=True)
    top = np.where(np.isfinite(top), top, 0.0)
    with np.errstate(all="ignore"):
        total = top + np.log(np.mean(np.exp(x - top), axis=axis, keepdims=True))
    return total if keepdims else np.squeeze(total, axis=axis)


# %% logsumexp | wrong | keepdims is True unless it is given
def logsumexp(x, axis=-1, keepdims=True):
    x = np.asarray(x, dtype=float)
    top = np.max(x, axis=axis, keepdims=True)
    top = np.where(np.isfinite(top), top, 0.0)
    with np.errstate(all="ignore"):
        total = top + np.log(np.sum(np.exp(x - top), axis=axis, keepdims=True))
    return total if keepdims else np.squeeze(total, axis=axis)


# %% logsumexp | wrong | leaves NaN out
def logsumexp(x, axis=-1, keepdims=False):
    x = np.asarray(x, dtype=float)
    with np.errstate(all="ignore"):
        m = np.nanmax(x, axis=axis, keepdims=True)
        m = np.where(np.isfinite(m), m, 0.0)
        total = m + np.log(np.nansum(np.exp(x - m), axis=axis, keepdims=True))
    return total if keepdims else np.squeeze(total, axis=axis)


# %% log-softmax | wrong | the probabilities are floored at 1e-300
def log_softmax(x, axis=-1):
    return np.log(np.maximum(softmax_stable(x, axis), 1e-300))


def log_softmax_backward(grad_output, output):
    return grad_output - np.exp(output) * grad_output.sum(axis=-1, keepdims=True)


# %% log-softmax | wrong | backward lacks the direct path
def log_softmax(x, axis=-1):
    return x - logsumexp(x, axis=axis, keepdims=True)


def log_softmax_backward(grad_output, output):
    return -np.exp(output) * grad_output.sum(axis=-1, keepdims=True)


# %% log-softmax | wrong | backward of centering
def log_softmax(x, axis=-1):
    return x - logsumexp(x, axis=axis, keepdims=True)


def log_softmax_backward(grad_output, output):
    return grad_output - grad_output.mean(axis=-1, keepdims=True)


# %% variance | wrong | distances from the first number
def variance(x):
    x = np.asarray(x, dtype=float)
    return float(np.mean((x - x[0]) ** 2))


# %% variance | wrong | the sum of squared distances
def variance(x):
    x = np.asarray(x, dtype=float)
    return float(np.sum((x - np.mean(x)) ** 2))


# %% float16-gradient | wrong | scales and rounds in float32 first
def float16_gradient(grad, loss_scale):
    with np.errstate(over="ignore"):
        short = (np.asarray(grad) * loss_scale).astype(np.float32)
        return short.astype(np.float16).astype(float) / loss_scale


# %% float16-gradient | wrong | divides by the scale, then multiplies
def float16_gradient(grad, loss_scale):
    with np.errstate(all="ignore"):
        return (np.asarray(grad) / loss_scale).astype(np.float16).astype(float) * loss_scale


# %% float16-gradient | wrong | an overflow becomes 0
def float16_gradient(grad, loss_scale):
    with np.errstate(all="ignore"):
        half = (np.asarray(grad, dtype=float) * loss_scale).astype(np.float16).astype(float)
    return np.where(np.isfinite(half), half, 0.0) / loss_scale


# %% square-check-hunt | wrong | the largest difference over the largest entry
def square_check(c, x, claimed):
    truth = 2 * np.asarray(c, dtype=float) * np.asarray(x, dtype=float)
    return np.max(np.abs(truth - claimed)) / np.max(np.abs(truth))


def counterexample_1():
    return np.array([1.0, 1e-7]), np.array([1.0, 1.0]), np.array([2.0, -2e-7])


# %% square-check-hunt | wrong | a mean over the entries
def square_check(c, x, claimed):
    truth = 2 * np.asarray(c, dtype=float) * np.asarray(x, dtype=float)
    size = np.maximum(np.abs(truth), np.abs(claimed))
    return np.mean(np.abs(truth - claimed) / np.where(size > 0, size, 1))


def counterexample_1():
    return np.array([1.0, 1e-7]), np.array([1.0, 1.0]), np.array([2.0, -2e-7])


# %% square-check-hunt | wrong | NaN gets past np.nanmax
def square_check(c, x, claimed):
    truth = 2 * np.asarray(c, dtype=float) * np.asarray(x, dtype=float)
    size = np.maximum(np.abs(truth), np.abs(claimed))
    return np.nanmax(np.abs(truth - claimed) / np.where(size > 0, size, 1))


def counterexample_1():
    return np.array([1.0, 1e-7]), np.array([1.0, 1.0]), np.array([2.0, -2e-7])


# %% square-check-hunt | wrong | points and slopes stay integers
def square_check(c, x, claimed):
    measured = np.zeros_like(x)
    for i in range(x.size):
        h = 1e-5 * max(1, abs(x[i]))
        up, down = x.copy(), x.copy()
        up[i], down[i] = up[i] + h, down[i] - h
        measured[i] = np.sum(c * up**2 - c * down**2) / (2 * h)
    return relative_error(measured, claimed)


def counterexample_1():
    return np.array([1e-15]), np.array([1.0]), np.array([-2e-15])


# %% example-loss-hunt | wrong | the loss of the first class
def example_loss(logits, k):
    return logsumexp(logits) - logits[0]


def counterexample_2():
    return np.array([1000.0, 0.0]), 1


# %% example-loss-hunt | wrong | log-sum-exp without the score
def example_loss(logits, k):
    return logsumexp(logits)


def counterexample_2():
    return np.array([1000.0, 0.0]), 1


# %% example-loss-hunt | wrong | the sign is flipped
def example_loss(logits, k):
    return logits[k] - logsumexp(logits)


def counterexample_2():
    return np.array([1000.0, 0.0]), 1


# %% example-loss-hunt | wrong | the counterexample holds NaN
def example_loss(logits, k):
    return logsumexp(logits) - logits[k]


def counterexample_2():
    return np.array([np.nan, 0.0]), 1


# %% gate-hunt | wrong | the two cases are swapped
def gate(x):
    e = np.exp(-np.abs(x))
    return np.where(np.asarray(x) < 0, 1.0, e) / (1 + e)


def counterexample_3():
    return (1000.0,)


# %% gate-hunt | wrong | the other formula, which overflows on the other side
def gate(x):
    return 1 / (1 + np.exp(-np.asarray(x, dtype=float)))


def counterexample_3():
    return (1000.0,)


# %% gate-hunt | right | by tanh
def gate(x):
    return 0.5 * (1 + np.tanh(np.asarray(x, dtype=float) / 2))


def counterexample_3():
    return (1000.0,)


# %% sums | wrong | adds number by number, twice
def pairwise_sum(x):
    total = 0.0
    for number in x:
        total += number
    return float(total)


def kahan_sum(x):
    return pairwise_sum(x)


# %% sums | wrong | what is lost has the wrong sign
def pairwise_sum(x):
    if len(x) < 2:
        return float(sum(x))
    return pairwise_sum(x[: len(x) // 2]) + pairwise_sum(x[len(x) // 2 :])


def kahan_sum(x):
    total = lost = 0.0
    for number in x:
        number = number + lost
        larger = total + number
        lost = (larger - total) - number
        total = larger
    return float(total)


# %% sums | wrong | the halves lose the middle number of an odd length
def pairwise_sum(x):
    if len(x) < 2:
        return float(sum(x))
    half = len(x) // 2
    return pairwise_sum(x[:half]) + pairwise_sum(x[-half:])


def kahan_sum(x):
    total = lost = 0.0
    for number in x:
        number = number - lost
        larger = total + number
        lost = (larger - total) - number
        total = larger
    return float(total)


# %% sums | wrong | an empty vector never ends
def pairwise_sum(x):
    if len(x) == 1:
        return float(x[0])
    return pairwise_sum(x[: len(x) // 2]) + pairwise_sum(x[len(x) // 2 :])


def kahan_sum(x):
    total = lost = 0.0
    for number in x:
        number = number - lost
        larger = total + number
        lost = (larger - total) - number
        total = larger
    return float(total)


# %% sums | wrong | what is lost is forgotten
def pairwise_sum(x):
    if len(x) < 2:
        return float(sum(x))
    return pairwise_sum(x[: len(x) // 2]) + pairwise_sum(x[len(x) // 2 :])


def kahan_sum(x):
    total = lost = 0.0
    for number in x:
        larger = total + number
        lost = (larger - total) - number
        total = larger
    return float(total - lost)


# %% sums | right | exactly
def pairwise_sum(x):
    import math

    return math.fsum(x)


def kahan_sum(x):
    import math

    return math.fsum(x)


# %% sums | right | level by level, and Neumaier's way
def pairwise_sum(x):
    level = [float(number) for number in x]
    while len(level) > 1:
        if len(level) % 2:
            level.append(0.0)
        level = [a + b for a, b in zip(level[::2], level[1::2])]
    return level[0] if level else 0.0


def kahan_sum(x):
    total = rest = 0.0
    for number in map(float, x):
        larger = total + number
        if abs(total) >= abs(number):
            rest += (total - larger) + number
        else:
            rest += (number - larger) + total
        total = larger
    return total + rest


# %% ladder-gradients | wrong | the mean's minus is missing
def gradients(v):
    d = {"loss": 1.0}
    d["c"] = np.full(v.c.shape, 1 / len(v.c))
    d["r"] = 0.05
    d["y"] = v.t * d["c"][:, None]
    d["l"] = -d["y"].sum(axis=1, keepdims=True)
    d["n"] = d["l"] / v.n
    d["e"] = d["n"] * np.ones(v.e.shape)
    d["s"] = d["y"] + d["e"] * v.e
    d["m"] = -d["s"].sum(axis=1, keepdims=True)
    d["z"] = d["s"] + d["m"] * (v.z == v.m)
    d["W"] = d["z"].T @ v.x + d["r"] * 2 * v.W
    d["b"] = d["z"].sum(axis=0)
    d["x"] = d["z"] @ v.W
    return d


# %% ladder-gradients | wrong | the targets are missing
def gradients(v):
    d = {"loss": 1.0}
    d["c"] = np.full(v.c.shape, -1 / len(v.c))
    d["r"] = 0.05
    d["y"] = d["c"][:, None] * np.ones(v.y.shape)
    d["l"] = -d["y"].sum(axis=1, keepdims=True)
    d["n"] = d["l"] / v.n
    d["e"] = d["n"] * np.ones(v.e.shape)
    d["s"] = d["y"] + d["e"] * v.e
    d["m"] = -d["s"].sum(axis=1, keepdims=True)
    d["z"] = d["s"] + d["m"] * (v.z == v.m)
    d["W"] = d["z"].T @ v.x + d["r"] * 2 * v.W
    d["b"] = d["z"].sum(axis=0)
    d["x"] = d["z"] @ v.W
    return d


# %% ladder-gradients | wrong | l is not summed over its row
def gradients(v):
    d = {"loss": 1.0}
    d["c"] = np.full(v.c.shape, -1 / len(v.c))
    d["r"] = 0.05
    d["y"] = v.t * d["c"][:, None]
    d["l"] = -d["y"]
    d["n"] = d["l"] / v.n
    d["e"] = d["n"] * np.ones(v.e.shape)
    d["s"] = d["y"] + d["e"] * v.e
    d["m"] = -d["s"].sum(axis=1, keepdims=True)
    d["z"] = d["s"] + d["m"] * (v.z == v.m)
    d["W"] = d["z"].T @ v.x + d["r"] * 2 * v.W
    d["b"] = d["z"].sum(axis=0)
    d["x"] = d["z"] @ v.W
    return d


# %% ladder-gradients | wrong | n is multiplied, not divided
def gradients(v):
    d = {"loss": 1.0}
    d["c"] = np.full(v.c.shape, -1 / len(v.c))
    d["r"] = 0.05
    d["y"] = v.t * d["c"][:, None]
    d["l"] = -d["y"].sum(axis=1, keepdims=True)
    d["n"] = d["l"] * v.n
    d["e"] = d["n"] * np.ones(v.e.shape)
    d["s"] = d["y"] + d["e"] * v.e
    d["m"] = -d["s"].sum(axis=1, keepdims=True)
    d["z"] = d["s"] + d["m"] * (v.z == v.m)
    d["W"] = d["z"].T @ v.x + d["r"] * 2 * v.W
    d["b"] = d["z"].sum(axis=0)
    d["x"] = d["z"] @ v.W
    return d


# %% ladder-gradients | wrong | the path through e is missing
def gradients(v):
    d = {"loss": 1.0}
    d["c"] = np.full(v.c.shape, -1 / len(v.c))
    d["r"] = 0.05
    d["y"] = v.t * d["c"][:, None]
    d["l"] = -d["y"].sum(axis=1, keepdims=True)
    d["n"] = d["l"] / v.n
    d["e"] = d["n"] * np.ones(v.e.shape)
    d["s"] = d["y"]
    d["m"] = -d["s"].sum(axis=1, keepdims=True)
    d["z"] = d["s"] + d["m"] * (v.z == v.m)
    d["W"] = d["z"].T @ v.x + d["r"] * 2 * v.W
    d["b"] = d["z"].sum(axis=0)
    d["x"] = d["z"] @ v.W
    return d


# %% ladder-gradients | wrong | m has the wrong sign of a wrong s
def gradients(v):
    d = {"loss": 1.0}
    d["c"] = np.full(v.c.shape, -1 / len(v.c))
    d["r"] = 0.05
    d["y"] = v.t * d["c"][:, None]
    d["l"] = -d["y"].sum(axis=1, keepdims=True)
    d["n"] = d["l"] / v.n
    d["e"] = d["n"] * np.ones(v.e.shape)
    d["s"] = d["y"] - d["e"] * v.e
    d["m"] = -d["s"].sum(axis=1, keepdims=True)
    d["z"] = d["s"] + d["m"] * (v.z == v.m)
    d["W"] = d["z"].T @ v.x + d["r"] * 2 * v.W
    d["b"] = d["z"].sum(axis=0)
    d["x"] = d["z"] @ v.W
    return d


# %% ladder-gradients | wrong | the penalty is missing
def gradients(v):
    d = {"loss": 1.0}
    d["c"] = np.full(v.c.shape, -1 / len(v.c))
    d["r"] = 0.05
    d["y"] = v.t * d["c"][:, None]
    d["l"] = -d["y"].sum(axis=1, keepdims=True)
    d["n"] = d["l"] / v.n
    d["e"] = d["n"] * np.ones(v.e.shape)
    d["s"] = d["y"] + d["e"] * v.e
    d["m"] = -d["s"].sum(axis=1, keepdims=True)
    d["z"] = d["s"] + d["m"] * (v.z == v.m)
    d["W"] = d["z"].T @ v.x
    d["b"] = d["z"].sum(axis=0)
    d["x"] = d["z"] @ v.W
    return d


# %% ladder-gradients | wrong | the penalty lacks its 2
def gradients(v):
    d = {"loss": 1.0}
    d["c"] = np.full(v.c.shape, -1 / len(v.c))
    d["r"] = 0.05
    d["y"] = v.t * d["c"][:, None]
    d["l"] = -d["y"].sum(axis=1, keepdims=True)
    d["n"] = d["l"] / v.n
    d["e"] = d["n"] * np.ones(v.e.shape)
    d["s"] = d["y"] + d["e"] * v.e
    d["m"] = -d["s"].sum(axis=1, keepdims=True)
    d["z"] = d["s"] + d["m"] * (v.z == v.m)
    d["W"] = d["z"].T @ v.x + d["r"] * v.W
    d["b"] = d["z"].sum(axis=0)
    d["x"] = d["z"] @ v.W
    return d


# %% ladder-gradients | wrong | the gradient of b is a mean
def gradients(v):
    d = {"loss": 1.0}
    d["c"] = np.full(v.c.shape, -1 / len(v.c))
    d["r"] = 0.05
    d["y"] = v.t * d["c"][:, None]
    d["l"] = -d["y"].sum(axis=1, keepdims=True)
    d["n"] = d["l"] / v.n
    d["e"] = d["n"] * np.ones(v.e.shape)
    d["s"] = d["y"] + d["e"] * v.e
    d["m"] = -d["s"].sum(axis=1, keepdims=True)
    d["z"] = d["s"] + d["m"] * (v.z == v.m)
    d["W"] = d["z"].T @ v.x + d["r"] * 2 * v.W
    d["b"] = d["z"].mean(axis=0)
    d["x"] = d["z"] @ v.W
    return d


# %% ladder-gradients | wrong | the gradient of x lacks W
def gradients(v):
    d = {"loss": 1.0}
    d["c"] = np.full(v.c.shape, -1 / len(v.c))
    d["r"] = 0.05
    d["y"] = v.t * d["c"][:, None]
    d["l"] = -d["y"].sum(axis=1, keepdims=True)
    d["n"] = d["l"] / v.n
    d["e"] = d["n"] * np.ones(v.e.shape)
    d["s"] = d["y"] + d["e"] * v.e
    d["m"] = -d["s"].sum(axis=1, keepdims=True)
    d["z"] = d["s"] + d["m"] * (v.z == v.m)
    d["W"] = d["z"].T @ v.x + d["r"] * 2 * v.W
    d["b"] = d["z"].sum(axis=0)
    d["x"] = d["z"] @ np.ones(v.W.shape)
    return d


# %% ladder-gradients | wrong | returns nothing
def gradients(v):
    d = {"loss": 1.0}
    d["c"] = np.full(v.c.shape, -1 / len(v.c))
    d["r"] = 0.05
    d["y"] = v.t * d["c"][:, None]
    d["l"] = -d["y"].sum(axis=1, keepdims=True)
    d["n"] = d["l"] / v.n
    d["e"] = d["n"] * np.ones(v.e.shape)
    d["s"] = d["y"] + d["e"] * v.e
    d["m"] = -d["s"].sum(axis=1, keepdims=True)
    d["z"] = d["s"] + d["m"] * (v.z == v.m)
    d["W"] = d["z"].T @ v.x + d["r"] * 2 * v.W
    d["b"] = d["z"].sum(axis=0)
    d["x"] = d["z"] @ v.W


# %% ladder-gradients | right | m has the gradient 0, the exponential is taken again
def gradients(v):
    B = len(v.x)
    d = {"loss": np.array(1.0), "r": np.float64(0.05), "c": [-1 / B] * B}
    d["y"] = -v.t / B
    d["l"] = np.ones((B, 1)) / B
    d["n"] = 1 / (B * v.n)
    d["e"] = np.repeat(d["n"], v.e.shape[1], axis=1)
    d["s"] = d["y"] + d["n"] * np.exp(v.s)
    d["m"] = np.zeros((B, 1))
    d["z"] = d["s"]
    d["x"], d["W"] = d["z"] @ v.W, d["z"].T @ v.x + v.W / 10
    d["b"] = d["z"].sum(0)
    return d


# %% gradient-check | wrong | moves a flat view, which is a copy where x is not contiguous
def gradient_check(f, x, analytical_grad, eps=1e-5):
    """Hold a gradient against measured slopes.

    Parameters
    ----------
    f : callable
        Takes a float64 array of the shape of `x`, returns one number.
    x : ndarray
        Where to check, any shape; integers and float32 are computed with in float64.
    analytical_grad : ndarray, shape of `x`
        The gradient to be checked.
    eps : float
        The step of entry i is ``eps * max(1, |x[i]|)``.

    Returns
    -------
    relative_error : float
        The largest over the entries, the noise of the measurement forgiven.
    numerical_grad : ndarray of float64, shape of `x`
        The measured gradient.
    """
    x = np.array(x, dtype=float)
    measured, noise = np.zeros_like(x), np.zeros_like(x)
    flat = x.reshape(-1)
    for k, i in enumerate(np.ndindex(x.shape)):
        step = eps * max(1.0, abs(x[i]))
        before = flat[k]
        flat[k] = before + step
        above = f(x)
        flat[k] = before - step
        below = f(x)
        flat[k] = before
        measured[i] = (above - below) / (2 * step)
        noise[i] = 10 * 2.2e-16 * max(abs(above), abs(below)) / step
    return relative_error(analytical_grad, measured, noise), measured


# %% gradient-check | wrong | float32 stays float32
def gradient_check(f, x, analytical_grad, eps=1e-5):
    x = np.array(x)
    if not np.issubdtype(x.dtype, np.floating):
        x = x.astype(float)
    measured, noise = np.zeros(x.shape), np.zeros(x.shape)
    for i in np.ndindex(x.shape):
        h = eps * max(1.0, abs(x[i]))
        up, down = x.copy(), x.copy()
        up[i] = up[i] + h
        down[i] = down[i] - h
        a, b = f(up), f(down)
        measured[i] = (a - b) / (2 * h)
        noise[i] = 2.2e-15 * max(abs(a), abs(b)) / h
    return relative_error(analytical_grad, measured, noise), measured


# %% relative-error-of-gradients | wrong | the largest noise is forgiven everywhere
def relative_error(a, b, noise=0.0):
    """Return the largest relative difference between the entries of `a` and `b`.

    Parameters
    ----------
    a, b : array_like, same shape
        Two gradients.
    noise : float or ndarray of that shape
        Differences up to this size are forgiven.

    Returns
    -------
    float
        0 where both entries are 0; inf if there is a NaN or an infinity in `a` or `b`.

    Raises
    ------
    ValueError
        If the shapes differ.
    """
    a, b = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    if a.shape != b.shape:
        raise ValueError(f"the shapes differ: {a.shape} and {b.shape}")
    if not (np.isfinite(a).all() and np.isfinite(b).all()):
        return np.inf  # nothing is certified
    off = np.maximum(np.abs(a - b) - np.max(noise), 0)
    size = np.maximum(np.abs(a), np.abs(b))
    return float(np.max(off / np.where(size > 0, size, 1), initial=0.0))


# %% log-softmax | wrong | float32 stays float32
def log_softmax(x, axis=-1):
    """Return the logarithm of the softmax of `x` along `axis`.

    Parameters
    ----------
    x : ndarray
        Scores; -inf gives -inf.
    axis : int
        The axis along which the probabilities sum to 1.

    Returns
    -------
    ndarray of float64, shape of `x`
    """
    x = np.asarray(x)
    return x - logsumexp(x, axis=axis, keepdims=True).astype(x.dtype if x.dtype == np.float32 else float)


def log_softmax_backward(grad_output, output):
    """Return the gradient with respect to the scores of `log_softmax` along the last axis.

    Parameters
    ----------
    grad_output : ndarray, shape of `output`
        The gradient of the loss with respect to the output.
    output : ndarray
        What `log_softmax` returned.

    Returns
    -------
    ndarray, shape of `output`
    """
    return grad_output - np.exp(output) * np.sum(grad_output, axis=-1, keepdims=True)


# %% cross-entropy | wrong | the gradient keeps float32
def cross_entropy_stable(logits, targets):
    targets = np.asarray(targets, dtype=float)
    log_p = log_softmax(logits)
    log_p = np.where((targets == 0) & np.isneginf(log_p), 0.0, log_p)
    return float(-np.sum(targets * log_p) / len(targets))


def cross_entropy_gradient(logits, targets):
    g = (softmax_stable(logits) - targets) / len(logits)
    return g.astype(
        np.asarray(logits).dtype if np.asarray(logits).dtype == np.float32 else float
    )


# %% relative-error-of-gradients | right | a loop over plain floats, with math.isfinite
def relative_error(a, b, noise=0.0):
    import math

    if np.shape(a) != np.shape(b):
        raise ValueError("shapes differ")
    worst = 0.0
    noises = np.broadcast_to(noise, np.shape(a))
    for p, q, t in zip(
        np.ravel(a).tolist(), np.ravel(b).tolist(), noises.ravel().tolist()
    ):
        if not (math.isfinite(p) and math.isfinite(q)):
            return math.inf
        size = max(abs(p), abs(q))
        if size > 0:
            worst = max(worst, max(abs(p - q) - t, 0.0) / size)
    return worst


# %% gradient-check | wrong | stores the slopes in the dtype of the claim
def gradient_check(f, x, analytical_grad, eps=1e-5):
    x, analytical_grad = np.array(x, dtype=float), np.asarray(analytical_grad)
    measured, noise = np.zeros_like(analytical_grad), np.zeros_like(x)
    for i in np.ndindex(x.shape):
        h = eps * max(1.0, abs(x[i]))
        up, down = x.copy(), x.copy()
        up[i] += h
        down[i] -= h
        above, below = f(up), f(down)
        measured[i] = (above - below) / (2 * h)
        noise[i] = 10 * 2.2e-16 * max(abs(above), abs(below)) / h
    return relative_error(analytical_grad, measured, noise), measured


# %% softmax-stable | wrong | cuts large scores off
def softmax_stable(x, axis=-1):
    x = np.minimum(np.asarray(x, dtype=float), 709)
    with np.errstate(invalid="ignore"):
        e = np.exp(x - x.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


# %% initialization | wrong | passes gradients at the kink
def he_init(n_in, n_out, rng):
    return rng.standard_normal((n_out, n_in)) * np.sqrt(2 / n_in)


def xavier_init(n_in, n_out, rng):
    return rng.standard_normal((n_out, n_in)) * np.sqrt(2 / (n_in + n_out))


def gradient_norms(weights, x, grad_output):
    zs, a = [], x
    for W in weights:
        zs.append(a @ W.T)
        a = np.maximum(zs[-1], 0)
    norms, g = [np.linalg.norm(grad_output)], grad_output
    for W, z in zip(weights[::-1], zs[::-1]):
        g = (g * (z >= 0)) @ W
        norms.insert(0, np.linalg.norm(g))
    return norms


# %% layer-check-hunt | wrong | calls by name and keeps the larger one before a NaN
def layer_check(backward, rng):
    arrays = {"W": rng.standard_normal((3, 4)), "b": rng.standard_normal(3)}
    arrays["x"], grad_output = rng.standard_normal((5, 4)), rng.standard_normal((5, 3))
    worst = 0.0
    for name, claim in zip(arrays, backward(**arrays, grad_output=grad_output)):
        for i in np.ndindex(claim.shape):
            both = []
            for step in (1e-5, -1e-5):
                moved = {k: v.copy() for k, v in arrays.items()}
                moved[name][i] += step
                both.append(np.sum(grad_output * (moved["x"] @ moved["W"].T + moved["b"])))
            slope = (both[0] - both[1]) / 2e-5
            error = abs(claim[i] - slope) / max(abs(slope), abs(claim[i]))
            worst = max(worst, np.inf if np.isinf(claim[i]) else error)
    return worst


def counterexample_4(W, b, x, grad_output):
    return grad_output.T @ x, 2 * grad_output.sum(axis=0), grad_output @ W


# %% sums | wrong | replaces the total before the loss is computed
def pairwise_sum(x):
    if len(x) <= 2:
        return float(sum(x))
    half = len(x) // 2
    return pairwise_sum(x[:half]) + pairwise_sum(x[half:])


def kahan_sum(x):
    total = lost = 0.0
    for number in x:
        y = number - lost
        larger = total + y
        total = larger
        lost = (larger - total) - y
    return float(total)
