"""Right and wrong answers to chapter 2; see `autograder.course.answers` for the format."""

# %% partial-derivative | wrong | moves every entry at once
def partial_derivative(f, x, i, h=1e-6):
    return (f(x + h) - f(x - h)) / (2 * h)


# %% partial-derivative | wrong | looks one way only
def partial_derivative(f, x, i, h=1e-6):
    step = np.zeros(len(x))
    step[i] = h
    return (f(x + step) - f(x)) / h


# %% partial-derivative | wrong | stores the step in a copy that holds integers
def partial_derivative(f, x, i, h=1e-6):
    up, down = x.copy(), x.copy()
    up[i] += h
    down[i] -= h
    return (f(up) - f(down)) / (2 * h)


# %% partial-derivative | wrong | zeros_like of integers
def partial_derivative(f, x, i, h=1e-6):
    step = np.zeros_like(x)
    step[i] = h
    return (f(x + step) - f(x - step)) / (2 * h)


# %% partial-derivative | wrong | moves the caller's array and brings it back rounded
def partial_derivative(f, x, i, h=1e-6):
    x = np.asarray(x, dtype=float)
    x[i] += h
    up = f(x)
    x[i] -= 2 * h
    down = f(x)
    x[i] += h
    return (up - down) / (2 * h)


# %% partial-derivative | wrong | divides by 2 and then multiplies by h
def partial_derivative(f, x, i, h=1e-6):
    step = np.zeros(len(x))
    step[i] = h
    return (f(x + step) - f(x - step)) / 2 * h


# %% partial-derivative | wrong | always the first axis
def partial_derivative(f, x, i, h=1e-6):
    step = np.zeros(len(x))
    step[0] = h
    return (f(x + step) - f(x - step)) / (2 * h)


# %% partial-derivative | wrong | ignores h
def partial_derivative(f, x, i, h=1e-6):
    step = np.zeros(len(x))
    step[i] = 1e-6
    return (f(x + step) - f(x - step)) / 2e-6


# %% partial-derivative | wrong | divides by h where the points are 2h apart
def partial_derivative(f, x, i, h=1e-6):
    step = h * np.eye(len(x))[i]
    return (f(x + step) - f(x - step)) / h


# %% partial-derivative | right | floats first, then in place on copies
def partial_derivative(f, x, i, h=1e-6):
    up = np.array(x, dtype=float)
    down = up.copy()
    up[i] += h
    down[i] -= h
    print("measuring axis", i)
    return float((f(up) - f(down)) / (up[i] - down[i]))


# %% partial-derivative | wrong | scales the step with x
def partial_derivative(f, x, i, h=1e-6):
    h = h * max(1.0, abs(x[i]))
    along = np.eye(len(x))[i] * h
    return (f(x + along) - f(x - along)) / (2 * h)


# %% partial-derivative | right | a function of one variable
def partial_derivative(f, x, i, h=1e-6):
    def along(t):
        return f(np.array([t if k == i else float(v) for k, v in enumerate(x)]))

    return (along(x[i] + h) - along(x[i] - h)) / 2 / h


# %% partial-derivative | right | a list comprehension of points
def partial_derivative(f, x, i, h=1e-6):
    points = [np.array([v + s * h * (k == i) for k, v in enumerate(x)]) for s in (1.0, -1.0)]
    return np.subtract(f(points[0]), f(points[1])) / (2 * h)


# %% partial-derivative | right | one-hot by equality, result a 0-d array
def partial_derivative(f, x, i, h=1e-6):
    e = (np.arange(len(x)) == i) * h
    return np.array((f(x + e) - f(x - e)) / h / 2)


# %% partial-derivative | wrong | the points the wrong way round
def partial_derivative(f, x, i, h=1e-6):
    e = (np.arange(len(x)) == i) * h
    return (f(x - e) - f(x + e)) / h / 2


# %% gradient | wrong | treats y**3 as if it depended on x
def gradient_f(x, y):
    return np.array([2 * x * y + y**3, x**2 + 3 * y**2])


def numerical_gradient(f, x, h=1e-6):
    grad = np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        step = np.zeros(x.shape)
        step[index] = h
        grad[index] = (f(x + step) - f(x - step)) / (2 * h)
    return grad


# %% gradient | wrong | swaps the entries
def gradient_f(x, y):
    return np.array([x**2 + 3 * y**2, 2 * x * y])


def numerical_gradient(f, x, h=1e-6):
    grad = np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        step = np.zeros(x.shape)
        step[index] = h
        grad[index] = (f(x + step) - f(x - step)) / (2 * h)
    return grad


# %% gradient | wrong | vectors only
def gradient_f(x, y):
    return np.array([2 * x * y, x**2 + 3 * y**2])


def numerical_gradient(f, x, h=1e-6):
    return np.array([partial_derivative(f, x, i, h) for i in range(len(x))])


# %% gradient | wrong | steps written into a raveled copy
def gradient_f(x, y):
    return np.array([2 * x * y, x**2 + 3 * y**2])


def numerical_gradient(f, x, h=1e-6):
    x = np.array(x, dtype=float)
    grad = np.zeros(x.shape)
    for i in range(x.size):
        up, down = np.array(x), np.array(x)
        up.ravel()[i] += h
        down.ravel()[i] -= h
        grad.ravel()[i] = (f(up) - f(down)) / (2 * h)
    return grad


# %% gradient | wrong | the result loses its shape
def gradient_f(x, y):
    return np.array([2 * x * y, x**2 + 3 * y**2])


def numerical_gradient(f, x, h=1e-6):
    flat = np.asarray(x, dtype=float).ravel()
    grad = []
    for i in range(flat.size):
        step = np.zeros(flat.size)
        step[i] = h
        up, down = (flat + step).reshape(x.shape), (flat - step).reshape(x.shape)
        grad.append((f(up) - f(down)) / (2 * h))
    return np.array(grad)


# %% gradient | wrong | the reference's integer trap: zeros_like and copies of integers
def gradient_f(x, y):
    return np.array([2 * x * y, x**2 + 3 * y**2])


def numerical_gradient(f, x, h=1e-6):
    grad = np.zeros_like(x)
    for i in range(x.size):
        up, down = x.copy(), x.copy()
        up.flat[i] += h
        down.flat[i] -= h
        grad.flat[i] = (f(up) - f(down)) / (2 * h)
    return grad


# %% gradient | wrong | looks one way only
def gradient_f(x, y):
    return np.array([2 * x * y, x**2 + 3 * y**2])


def numerical_gradient(f, x, h=1e-6):
    grad = np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        step = np.zeros(x.shape)
        step[index] = h
        grad[index] = (f(x + step) - f(x)) / h
    return grad


# %% gradient | wrong | forgets to bring x back, so that all entries before stay moved
def gradient_f(x, y):
    return np.array([2 * x * y, x**2 + 3 * y**2])


def numerical_gradient(f, x, h=1e-6):
    x = np.asarray(x, dtype=float)
    grad = np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        x[index] += h
        up = f(x)
        x[index] -= 2 * h
        grad[index] = (up - f(x)) / (2 * h)
    return grad


# %% gradient | right | through partial_derivative on the flattened array
def gradient_f(x, y):
    """A list works with np.array too."""
    return np.stack([2 * x * y, x * x + 3 * y * y])


def numerical_gradient(f, x, h=1e-6):
    flat = np.asarray(x, dtype=float).reshape(-1)

    def g(z):
        return f(z.reshape(np.shape(x)))

    return np.array([partial_derivative(g, flat, i, h) for i in range(flat.size)]).reshape(
        np.shape(x)
    )


# %% gradient | right | flat entries of copies, as the reference does, on floats
def gradient_f(x, y):
    return np.array([2.0 * x * y, 0]) + np.array([0, x**2 + 3.0 * y**2])


def numerical_gradient(f, x, h=1e-6):
    x = np.array(x, dtype=np.float64)
    grad = np.zeros_like(x)
    for i in range(x.size):
        up, down = x.copy(), x.copy()
        up.flat[i] += h
        down.flat[i] -= h
        grad.flat[i] = (f(up) - f(down)) / (2 * h)
    return grad


# %% gradient | wrong | ignores h
def gradient_f(x, y):
    return np.array([2 * x * y, x**2 + 3 * y**2])


def numerical_gradient(f, x, h=1e-6):
    grad, h = np.zeros(x.shape), 1e-5
    for index in np.ndindex(x.shape):
        step = np.zeros(x.shape)
        step[index] = h
        grad[index] = (f(x + step) - f(x - step)) / (2 * h)
    return grad


# %% gradient | right | nditer, with a step that grows with x
def gradient_f(x, y):
    return np.array([2 * x * y, x**2 + 3 * y**2], dtype=np.float64)


def numerical_gradient(f, x, h=1e-6):
    grad = np.full(np.shape(x), np.nan)
    for k, value in np.ndenumerate(x):
        sides = []
        for sign in (1, -1):
            moved = np.array(x, dtype=float)
            moved[k] = value + sign * h * max(1.0, abs(value))
            sides.append((float(f(moved)), moved[k]))
        (above, right), (below, left) = sides
        grad[k] = (above - below) / (right - left)
    return grad


# %% gradient | right | returns lists, recursion over the first axis
def gradient_f(x, y):
    return [2 * x * y, x * x + 3 * y * y]


def numerical_gradient(f, x, h=1e-6):
    x = np.asarray(x, dtype=float)
    if x.ndim == 0:
        return (f(x + h) - f(x - h)) / (2 * h)

    def sub(k):
        def g(part):
            z = x.copy()
            z[k] = part
            return f(z)
        return g
    return [numerical_gradient(sub(k), x[k], h) for k in range(len(x))]


# %% gradient | right | meshes of steps
def gradient_f(x, y):
    return (2 * x * y, x * x + 3 * y * y)


def numerical_gradient(f, x, h=1e-6):
    steps = h * np.eye(x.size).reshape(x.size, *x.shape)
    return np.reshape([(f(x + s) - f(x - s)) / (2 * h) for s in steps], x.shape)


# %% gradient | right | unravel_index, F order
def gradient_f(x, y):
    return np.array((2 * x * y, x * x + 3 * y * y))


def numerical_gradient(f, x, h=1e-6):
    out = np.empty(x.shape, order="F")
    for k in range(x.size):
        at = np.unravel_index(k, x.shape)
        up, down = x.astype(float), x.astype(float)
        up[at] += h
        down[at] -= h
        out[at] = (f(up) - f(down)) / (2 * h)
    return out


# %% gradient | wrong | a result of integers
def gradient_f(x, y):
    return np.array([2 * x * y, x**2 + 3 * y**2])


def numerical_gradient(f, x, h=1e-6):
    grad = np.zeros_like(x)
    for index in np.ndindex(x.shape):
        step = np.zeros(x.shape)
        step[index] = h
        grad[index] = (f(x + step) - f(x - step)) / (2 * h)
    return grad


# %% gradient | wrong | steps of integers
def gradient_f(x, y):
    return np.array([2 * x * y, x**2 + 3 * y**2])


def numerical_gradient(f, x, h=1e-6):
    grad = np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        step = np.zeros_like(x)
        step[index] = h
        grad[index] = (f(x + step) - f(x - step)) / (2 * h)
    return grad


# %% gradient | wrong | step in every entry
def gradient_f(x, y):
    return np.array([2 * x * y, x**2 + y**3])


def numerical_gradient(f, x, h=1e-6):
    grad = np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        grad[index] = (f(x + h) - f(x - h)) / (2 * h)
    return grad


# %% gradient | wrong | step array not reset
def gradient_f(x, y):
    return np.array([2 * x * y, 3 * y**2 + 2 * x])


def numerical_gradient(f, x, h=1e-6):
    grad = np.zeros(x.shape)
    step = np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        step[index] = h
        grad[index] = (f(x + step) - f(x - step)) / (2 * h)
    return grad


# %% gradient | wrong | one difference for the whole array
def gradient_f(x, y):
    return 2 * x * y + x**2 + 3 * y**2


def numerical_gradient(f, x, h=1e-6):
    return (f(x + h) - f(x - h)) / (2 * h)


# %% quadratic-gradient | wrong | A x - b, as if A were symmetric
def quadratic_gradient(A, b, x):
    return A @ x - b


# %% quadratic-gradient | wrong | the transpose alone
def quadratic_gradient(A, b, x):
    return A.T @ x - b


# %% quadratic-gradient | wrong | the half is missing
def quadratic_gradient(A, b, x):
    return (A + A.T) @ x - b


# %% quadratic-gradient | wrong | keeps the half of f
def quadratic_gradient(A, b, x):
    return A @ x / 2 - b


# %% quadratic-gradient | wrong | b is added
def quadratic_gradient(A, b, x):
    return (A + A.T) @ x / 2 + b


# %% quadratic-gradient | wrong | forgets b
def quadratic_gradient(A, b, x):
    return (A + A.T) @ x / 2


# %% quadratic-gradient | wrong | symmetrizes the caller's matrix in place
def quadratic_gradient(A, b, x):
    A += A.T.copy()
    return A @ x / 2 - b


# %% quadratic-gradient | right | two sums
def quadratic_gradient(A, b, x):
    return 0.5 * (A @ x) + 0.5 * (x @ A) - b


# %% quadratic-gradient | right | loops
def quadratic_gradient(A, b, x):
    n = len(x)
    return np.array(
        [sum((A[k, j] + A[j, k]) * x[j] / 2 for j in range(n)) - b[k] for k in range(n)]
    )


# %% quadratic-gradient | right | einsum
def quadratic_gradient(A, b, x):
    S = (np.asarray(A) + np.transpose(A)) / 2
    return np.einsum("ij,j->i", S, x) - b


# %% quadratic-gradient | right | list result
def quadratic_gradient(A, b, x):
    return list((A @ x + A.T @ x) / 2 - b)


# %% quadratic-gradient | right | derivative of the double sum by its outer product
def quadratic_gradient(A, b, x):
    return np.tensordot(0.5 * (A + A.swapaxes(0, 1)), x, axes=1) - b


# %% quadratic-gradient | wrong | elementwise product
def quadratic_gradient(A, b, x):
    return 0.5 * (A + A.T) * x - b


# %% quadratic-gradient | wrong | the value of f
def quadratic_gradient(A, b, x):
    return x @ A @ x / 2 - b @ x


# %% directions | wrong | does not normalise v
def directional_derivative(grad, v):
    if not np.any(v):
        raise ValueError("v is 0")
    return grad @ v


def steepest_ascent(grad):
    if not np.any(grad):
        raise ValueError("the gradient is 0")
    return grad / np.linalg.norm(grad)


def level_curve_direction(grad):
    return np.array([-grad[1], grad[0]]) / np.linalg.norm(grad)


# %% directions | wrong | descends
def directional_derivative(grad, v):
    if not np.any(v):
        raise ValueError("v is 0")
    return grad @ v / np.linalg.norm(v)


def steepest_ascent(grad):
    if not np.any(grad):
        raise ValueError("the gradient is 0")
    return -grad / np.linalg.norm(grad)


def level_curve_direction(grad):
    return np.array([-grad[1], grad[0]]) / np.linalg.norm(grad)


# %% directions | wrong | turns clockwise
def directional_derivative(grad, v):
    if not np.any(v):
        raise ValueError("v is 0")
    return grad @ v / np.linalg.norm(v)


def steepest_ascent(grad):
    if not np.any(grad):
        raise ValueError("the gradient is 0")
    return grad / np.linalg.norm(grad)


def level_curve_direction(grad):
    return np.array([grad[1], -grad[0]]) / np.linalg.norm(grad)


# %% directions | wrong | turns, but forgets to scale
def directional_derivative(grad, v):
    if not np.any(v):
        raise ValueError("v is 0")
    return grad @ v / np.linalg.norm(v)


def steepest_ascent(grad):
    if not np.any(grad):
        raise ValueError("the gradient is 0")
    return grad / np.linalg.norm(grad)


def level_curve_direction(grad):
    return np.array([-grad[1], grad[0]])


# %% directions | wrong | NaN where there is no direction
def directional_derivative(grad, v):
    return grad @ v / np.linalg.norm(v)


def steepest_ascent(grad):
    return grad / np.linalg.norm(grad)


def level_curve_direction(grad):
    return np.array([-grad[1], grad[0]]) / np.linalg.norm(grad)


# %% directions | wrong | a small number in the denominator instead of an error
def directional_derivative(grad, v):
    return grad @ v / (np.linalg.norm(v) + 1e-8)


def steepest_ascent(grad):
    return grad / (np.linalg.norm(grad) + 1e-8)


def level_curve_direction(grad):
    return np.array([-grad[1], grad[0]]) / np.linalg.norm(grad)


# %% directions | wrong | takes a small gradient for 0
def directional_derivative(grad, v):
    if np.linalg.norm(v) < 1e-8:
        raise ValueError("v is 0")
    return grad @ v / np.linalg.norm(v)


def steepest_ascent(grad):
    if np.allclose(grad, 0):
        raise ValueError("the gradient is 0")
    return grad / np.linalg.norm(grad)


def level_curve_direction(grad):
    return np.array([-grad[1], grad[0]]) / np.linalg.norm(grad)


# %% directions | wrong | takes a vector whose entries cancel for 0
def directional_derivative(grad, v):
    if np.sum(v) == 0:
        raise ValueError("v is 0")
    return grad @ v / np.linalg.norm(v)


def steepest_ascent(grad):
    if np.sum(grad) == 0:
        raise ValueError("the gradient is 0")
    return grad / np.linalg.norm(grad)


def level_curve_direction(grad):
    return np.array([-grad[1], grad[0]]) / np.linalg.norm(grad)


# %% directions | wrong | normalises the caller's vectors in place
def directional_derivative(grad, v):
    if not v.any():
        raise ValueError("v is 0")
    v /= np.sqrt(np.sum(v * v))
    return np.sum(grad * v)


def steepest_ascent(grad):
    if not grad.any():
        raise ValueError("the gradient is 0")
    grad /= np.linalg.norm(grad)
    return grad


def level_curve_direction(grad):
    return np.array([-grad[1], grad[0]]) / np.linalg.norm(grad)


# %% directions | right | by cosines and a rotation matrix
import math


def directional_derivative(grad, v):
    length = math.hypot(*v)
    if length == 0:
        raise ValueError("no direction")
    return sum(g * (w / length) for g, w in zip(grad, v))


def steepest_ascent(grad):
    length = math.hypot(*grad)
    if length == 0.0:
        raise ValueError
    return np.array([g / length for g in grad])


def level_curve_direction(grad):
    return np.array([[0.0, -1.0], [1.0, 0.0]]) @ steepest_ascent(grad)


# %% directions | right | as complex numbers and with helper functions
def unit(v):
    v = np.asarray(v, dtype=float)
    if (v == 0).all():
        raise ValueError("the zero vector has no direction")
    return v / np.sqrt(v @ v)


def directional_derivative(grad, v):
    return np.dot(grad, unit(v))


def steepest_ascent(grad):
    return unit(grad)


def level_curve_direction(grad):
    turned = complex(grad[0], grad[1]) * 1j
    return unit([turned.real, turned.imag])


# %% directions | right | angles and a rotation by cos and sin
def directional_derivative(grad, v):
    if np.linalg.norm(v) == 0:
        raise ValueError("v is zero")
    u = v / np.linalg.norm(v)
    return np.linalg.norm(grad) * np.cos(np.arccos(np.clip(np.dot(grad, u) / np.linalg.norm(grad), -1, 1))) if np.any(grad) else 0


def steepest_ascent(grad):
    if not any(grad):
        raise ValueError("grad is zero")
    return [g / np.linalg.norm(grad) for g in grad]


def level_curve_direction(grad):
    t = np.pi / 2
    R = np.array([[np.cos(t), -np.sin(t)], [np.sin(t), np.cos(t)]])
    return R @ grad / np.linalg.norm(grad)


# %% directions | right | arctan2
def directional_derivative(grad, v):
    if all(c == 0 for c in v):
        raise ValueError("v is zero")
    return np.inner(grad, v) / np.sqrt(np.inner(v, v))


def steepest_ascent(grad):
    size = np.sqrt(np.sum(grad.astype(float) ** 2))
    if size == 0:
        raise ValueError("grad is zero")
    return grad / size


def level_curve_direction(grad):
    angle = np.arctan2(grad[1], grad[0]) + np.pi / 2
    return np.array([np.cos(angle), np.sin(angle)])


# %% directions | wrong | normalizes both
def directional_derivative(grad, v):
    if not np.any(v):
        raise ValueError("v is 0")
    return grad @ v / np.linalg.norm(v) / np.linalg.norm(grad)


def steepest_ascent(grad):
    if not np.any(grad):
        raise ValueError("0")
    return grad / np.sum(np.abs(grad))


def level_curve_direction(grad):
    return np.array([grad[1], grad[0]]) / np.linalg.norm(grad)


# %% directions | wrong | elementwise product, assert instead of ValueError
def directional_derivative(grad, v):
    assert np.any(v)
    return grad * v / np.linalg.norm(v)


def steepest_ascent(grad):
    assert np.any(grad)
    return grad / np.linalg.norm(grad) ** 2


def level_curve_direction(grad):
    return -grad[::-1] / np.linalg.norm(grad)


# %% numerical-jacobian | wrong | the transpose
def numerical_jacobian(f, x, h=1e-6):
    return np.array([(f(x + s) - f(x - s)) / (2 * h) for s in h * np.eye(len(x))])


# %% numerical-jacobian | wrong | looks one way only
def numerical_jacobian(f, x, h=1e-6):
    return np.stack([(f(x + s) - f(x)) / h for s in h * np.eye(len(x))], axis=1)


# %% numerical-jacobian | wrong | takes for granted that it is square
def numerical_jacobian(f, x, h=1e-6):
    n = len(x)
    J = np.zeros((n, n))
    for j in range(n):
        step = np.zeros(n)
        step[j] = h
        J[:, j] = (f(x + step) - f(x - step)) / (2 * h)
    return J


# %% numerical-jacobian | wrong | steps in a copy of integers
def numerical_jacobian(f, x, h=1e-6):
    columns = []
    for j in range(len(x)):
        up, down = x.copy(), x.copy()
        up[j] += h
        down[j] -= h
        columns.append((f(up) - f(down)) / (2 * h))
    return np.array(columns).T


# %% numerical-jacobian | wrong | moves the caller's array
def numerical_jacobian(f, x, h=1e-6):
    x = np.asarray(x, dtype=float)
    columns = []
    for j in range(len(x)):
        x[j] += h
        up = f(x)
        x[j] -= 2 * h
        columns.append((up - f(x)) / (2 * h))
        x[j] += h
    return np.array(columns).T


# %% numerical-jacobian | wrong | sums over the outputs
def numerical_jacobian(f, x, h=1e-6):
    return np.array([np.sum(f(x + s) - f(x - s)) / (2 * h) for s in h * np.eye(len(x))])


# %% numerical-jacobian | wrong | ignores h
def numerical_jacobian(f, x, h=1e-6):
    h = 1e-5
    return np.stack([(f(x + s) - f(x - s)) / (2 * h) for s in h * np.eye(len(x))], axis=1)


# %% numerical-jacobian | right | one row for each output, by the gradient
def numerical_jacobian(f, x, h=1e-6):
    x = np.asarray(x, dtype=float)
    count = len(f(x))
    return np.array([numerical_gradient(lambda z, k=k: f(z)[k], x, h) for k in range(count)])


# %% numerical-jacobian | right | column by column with partial_derivative
def numerical_jacobian(f, x, h=1e-6):
    return np.column_stack([partial_derivative(f, x, j, h) for j in range(len(x))])


# %% numerical-jacobian | right | filled in place
def numerical_jacobian(f, x, h=1e-6):
    x = np.array(x, dtype=float)
    J = np.empty((f(x).shape[0], x.shape[0]))
    for j in range(x.shape[0]):
        up, down = x.copy(), x.copy()
        up[j] += h
        down[j] -= h
        J[:, j] = (f(up) - f(down)) / (2 * h)
    return J


# %% numerical-jacobian | right | with NumPy on whole arrays
def numerical_jacobian(f, x, h=1e-6):
    return np.apply_along_axis(lambda s: (f(x + s) - f(x - s)) / (2 * h), 0, h * np.eye(len(x)))


# %% numerical-jacobian | right | zip of columns, lists
def numerical_jacobian(f, x, h=1e-6):
    columns = [((f(x + s) - f(x - s)) / (2 * h)).tolist() for s in h * np.eye(len(x))]
    return [list(row) for row in zip(*columns)]


# %% numerical-jacobian | wrong | all inputs at once
def numerical_jacobian(f, x, h=1e-6):
    return (f(x + h) - f(x - h)) / (2 * h)


# %% numerical-jacobian | wrong | divides by h where the points are 2h apart
def numerical_jacobian(f, x, h=1e-6):
    return np.stack([(f(x + s) - f(x - s)) / h for s in h * np.eye(len(x))], axis=1)


# %% numerical-jacobian | wrong | steps of integers
def numerical_jacobian(f, x, h=1e-6):
    cols = []
    for j in range(len(x)):
        s = np.zeros_like(x)
        s[j] = h
        cols.append((f(x + s) - f(x - s)) / (2 * h))
    return np.stack(cols, 1)


# %% known-jacobians | wrong | the transpose of W
def linear_jacobian(W):
    return W.T


def elementwise_jacobian(derivative, x):
    return np.diag(derivative(x))


# %% known-jacobians | wrong | only the diagonal, as a vector
def linear_jacobian(W):
    return W


def elementwise_jacobian(derivative, x):
    return derivative(x)


# %% known-jacobians | wrong | diagonal of x, not of the slopes
def linear_jacobian(W):
    return W


def elementwise_jacobian(derivative, x):
    return np.diag(x)


# %% known-jacobians | wrong | each row holds all slopes
def linear_jacobian(W):
    return W


def elementwise_jacobian(derivative, x):
    return np.tile(derivative(x), (len(x), 1))


# %% known-jacobians | wrong | the outer product of the slopes
def linear_jacobian(W):
    return W @ W.T


def elementwise_jacobian(derivative, x):
    return np.outer(derivative(x), derivative(x))


# %% known-jacobians | wrong | applies the derivative off the diagonal too
def linear_jacobian(W):
    return W


def elementwise_jacobian(derivative, x):
    return derivative(np.diag(x))


# %% known-jacobians | right | measured columns and a loop
def linear_jacobian(W):
    return np.array([[W[i, j] for j in range(W.shape[1])] for i in range(W.shape[0])])


def elementwise_jacobian(derivative, x):
    J = np.zeros((len(x), len(x)))
    for i, slope in enumerate(derivative(x)):
        J[i, i] = slope
    return J


# %% known-jacobians | right | copies and the identity
def linear_jacobian(W):
    return np.array(W, dtype=float)


def elementwise_jacobian(derivative, x):
    return np.eye(len(x)) * derivative(x)[:, None]


# %% known-jacobians | right | einsum and diagflat, lists
def linear_jacobian(W):
    return W.tolist()


def elementwise_jacobian(derivative, x):
    return np.diagflat([derivative(v) for v in x])


# %% known-jacobians | right | einsum
def linear_jacobian(W):
    return W @ np.eye(W.shape[1])


def elementwise_jacobian(derivative, x):
    return np.einsum("i,ij->ij", derivative(x), np.eye(len(x)))


# %% known-jacobians | wrong | calls derivative of x times x
def linear_jacobian(W):
    return np.eye(len(W))


def elementwise_jacobian(derivative, x):
    return np.diag(derivative(x) * x)


# %% softmax | wrong | overflows
def softmax(x, axis=-1):
    e = np.exp(as_float(x))
    return e / np.sum(e, axis=axis, keepdims=True)


# %% softmax | wrong | subtracts the largest number of the whole array
def softmax(x, axis=-1):
    x = as_float(x)
    e = np.exp(x - np.max(x))
    return e / np.sum(e, axis=axis, keepdims=True)


# %% softmax | wrong | divides by the sum of the whole array
def softmax(x, axis=-1):
    x = as_float(x)
    e = np.exp(x - np.max(x, axis=axis, keepdims=True))
    return e / np.sum(e)


# %% softmax | wrong | always the last axis
def softmax(x, axis=-1):
    x = as_float(x)
    e = np.exp(x - np.max(x, axis=-1, keepdims=True))
    return e / np.sum(e, axis=-1, keepdims=True)


# %% softmax | wrong | always the first axis
def softmax(x, axis=-1):
    x = as_float(x)
    e = np.exp(x - np.max(x, axis=0))
    return e / np.sum(e, axis=0)


# %% softmax | wrong | the maximum along the last axis, the sum along the right one
def softmax(x, axis=-1):
    x = as_float(x)
    e = np.exp(x - np.max(x, axis=-1, keepdims=True))
    return e / np.sum(e, axis=axis, keepdims=True)


# %% softmax | wrong | float32 becomes float64
def softmax(x, axis=-1):
    x = np.asarray(x, dtype=float)
    e = np.exp(x - np.max(x, axis=axis, keepdims=True))
    return e / np.sum(e, axis=axis, keepdims=True)


# %% softmax | wrong | subtracts in place, which as_float lets through for float32
def softmax(x, axis=-1):
    x = as_float(x)
    x -= np.max(x, axis=axis, keepdims=True)
    e = np.exp(x)
    return e / np.sum(e, axis=axis, keepdims=True)


# %% softmax | wrong | adds a small number to the denominator
def softmax(x, axis=-1):
    x = as_float(x)
    e = np.exp(x - np.max(x, axis=axis, keepdims=True))
    return e / (np.sum(e, axis=axis, keepdims=True) + 1e-8)


# %% softmax | wrong | clips instead of shifting
def softmax(x, axis=-1):
    e = np.exp(np.clip(as_float(x), -500, 500))
    return e / np.sum(e, axis=axis, keepdims=True)


# %% softmax | wrong | shifts by the mean, which is -inf beside a mask
def softmax(x, axis=-1):
    x = as_float(x)
    e = np.exp(x - np.mean(x, axis=axis, keepdims=True))
    return e / np.sum(e, axis=axis, keepdims=True)


# %% softmax | wrong | forgets the division
def softmax(x, axis=-1):
    x = as_float(x)
    return np.exp(x - np.max(x, axis=axis, keepdims=True))


# %% softmax | right | through the logarithm of the sum
def softmax(x, axis=-1):
    x = as_float(x)
    shifted = x - x.max(axis=axis, keepdims=True)
    return np.exp(shifted - np.log(np.exp(shifted).sum(axis=axis, keepdims=True)))


# %% softmax | right | moves the axis to the end and loops over rows
def softmax(x, axis=-1):
    x = as_float(x)
    moved = np.moveaxis(x, axis, -1)
    rows = moved.reshape(-1, moved.shape[-1])
    out = np.empty_like(rows)
    for k, row in enumerate(rows):
        powers = np.exp(row - row.max())
        out[k] = powers / powers.sum()
    return np.moveaxis(out.reshape(moved.shape), -1, axis)


# %% softmax | right | dtype by hand
def softmax(x, axis=-1):
    x = np.array(x)
    if x.dtype != np.float32:
        x = x.astype(np.float64)
    x -= np.max(x, axis=axis, keepdims=True)
    np.exp(x, out=x)
    x /= x.sum(axis=axis, keepdims=True)
    return x


# %% softmax | right | logsumexp by logaddexp
def softmax(x, axis=-1):
    x = as_float(x)
    return np.exp(x - np.expand_dims(np.logaddexp.reduce(x, axis=axis), axis))


# %% softmax | right | swapaxes and broadcasting by transpose
def softmax(x, axis=-1):
    y = np.swapaxes(as_float(x), axis, 0)
    e = np.exp(y - y.max(axis=0))
    return np.swapaxes(e / e.sum(axis=0), 0, axis)


# %% softmax | right | online over the axis
def softmax(x, axis=-1):
    x = as_float(x)
    def one(row):
        m, s = -np.inf, 0.0
        for v in row:
            new = max(m, v)
            if new > -np.inf:
                s = s * np.exp(m - new) + np.exp(v - new)
                m = new
        return np.exp(row - m) / s
    return np.apply_along_axis(one, axis, x).astype(x.dtype)


# %% softmax | right | computes float32 in float64 and rounds
def softmax(x, axis=-1):
    dtype = np.float32 if np.asarray(x).dtype == np.float32 else np.float64
    x = np.asarray(x, dtype=np.float64)
    e = np.exp(x - x.max(axis, keepdims=True))
    return (e / e.sum(axis, keepdims=True)).astype(dtype)


# %% softmax | wrong | adds the maximum
def softmax(x, axis=-1):
    x = as_float(x)
    e = np.exp(x + np.max(x, axis=axis, keepdims=True))
    return e / np.sum(e, axis=axis, keepdims=True)


# %% softmax | wrong | no keepdims
def softmax(x, axis=-1):
    x = as_float(x)
    e = np.exp(x - np.max(x, axis=axis))
    return e / np.sum(e, axis=axis)


# %% softmax | wrong | float32 always
def softmax(x, axis=-1):
    x = np.exp(x - np.max(x, axis=axis, keepdims=True))
    return (x / x.sum(axis=axis, keepdims=True)).astype(np.float32)


# %% softmax | wrong | clips the shifted scores
def softmax(x, axis=-1):
    x = as_float(x)
    e = np.exp(np.maximum(x - np.max(x, axis=axis, keepdims=True), -700))
    return e / np.sum(e, axis=axis, keepdims=True)


# %% softmax-derivative | wrong | trap: softmax_derivative takes one vector only
def softmax_derivative(x):
    s = softmax(x)
    return np.diag(s) - np.outer(s, s)


# %% softmax-derivative | wrong | only the diagonal
def softmax_derivative(x):
    s = softmax(x)
    return s[..., :, None] * np.eye(s.shape[-1]) * (1 - s)[..., None, :]


# %% softmax-derivative | wrong | forgets the delta
def softmax_derivative(x):
    s = softmax(x)
    return -s[..., :, None] * s[..., None, :]


# %% softmax-derivative | wrong | s (1 - s), as for sigmoid
def softmax_derivative(x):
    s = softmax(x)
    return s * (1 - s)


# %% softmax-derivative | wrong | squeezes a batch of one
def softmax_derivative(x):
    s = softmax(x)
    return np.squeeze(s[..., :, None] * (np.eye(s.shape[-1]) - s[..., None, :]))


# %% softmax-derivative | wrong | always returns a batch
def softmax_derivative(x):
    s = softmax(np.atleast_2d(x))
    return s[:, :, None] * (np.eye(s.shape[-1]) - s[:, None, :])


# %% softmax-derivative | wrong | adds s s^T
def softmax_derivative(x):
    s = softmax(x)
    return s[..., :, None] * (np.eye(s.shape[-1]) + s[..., None, :])


# %% softmax-derivative | wrong | softmax over the whole batch
def softmax_derivative(x):
    e = np.exp(x - np.max(x))
    s = e / e.sum()
    return s[..., :, None] * (np.eye(s.shape[-1]) - s[..., None, :])


# %% softmax-derivative | wrong | a difference quotient
def softmax_derivative(x):
    x = np.asarray(x, dtype=float)
    n, h = x.shape[-1], 1e-6
    return np.stack([(softmax(x + h * e) - softmax(x - h * e)) / (2 * h) for e in np.eye(n)], axis=-1)


# %% softmax-derivative | right | einsum
def softmax_derivative(x):
    s = softmax(x)
    return np.einsum("...i,ij->...ij", s, np.eye(s.shape[-1])) - np.einsum("...i,...j->...ij", s, s)


# %% softmax-derivative | right | row by row, with a softmax of its own
def softmax_derivative(x):
    x = np.asarray(x, dtype=float)
    if x.ndim == 2:
        return np.array([softmax_derivative(row) for row in x])
    e = np.exp(x - x.max())
    s = e / e.sum()
    return np.diag(s) - np.outer(s, s)


# %% softmax-derivative | right | complex step
def softmax_derivative(x):
    x = np.asarray(x, dtype=float)

    def plain(z):
        e = np.exp(z - np.max(z.real, axis=-1, keepdims=True))
        return e / e.sum(axis=-1, keepdims=True)

    return np.stack([plain(x + 1e-30j * e).imag / 1e-30 for e in np.eye(x.shape[-1])], axis=-1)


# %% softmax-derivative | right | loops
def softmax_derivative(x):
    s = softmax(x)
    if s.ndim == 1:
        return [[s[i] * ((i == j) - s[j]) for j in range(len(s))] for i in range(len(s))]
    return [softmax_derivative(row) for row in x]


# %% softmax-derivative | right | with NumPy on whole arrays
def softmax_derivative(x):
    s = softmax(x)
    J = -np.einsum("...i,...j->...ij", s, s)
    i = np.arange(s.shape[-1])
    J[..., i, i] += s
    return J


# %% softmax-derivative | right | matmul of columns
def softmax_derivative(x):
    s = np.expand_dims(softmax(x), -1)
    return s * np.eye(s.shape[-2]) - s @ np.swapaxes(s, -1, -2)


# %% softmax-derivative | wrong | the scores in place of the probabilities
def softmax_derivative(x):
    return np.diag(x) - np.outer(x, x)


# %% softmax-derivative | wrong | s minus s s, no outer
def softmax_derivative(x):
    s = softmax(x)
    return np.diag(s * (1 - s))


# %% softmax-derivative | wrong | sums the batch
def softmax_derivative(x):
    s = np.atleast_2d(softmax(x))
    J = sum(np.diag(r) - np.outer(r, r) for r in s)
    return J


# %% hessian | wrong | only the diagonal
def hessian_f(x, y):
    return np.array([[2 * y, 0], [0, 6 * y]])


def numerical_hessian(f, x, h=1e-4):
    n = len(x)
    H = np.zeros((n, n))
    for i, a in enumerate(h * np.eye(n)):
        H[i, i] = (f(x + a) - 2 * f(x) + f(x - a)) / h**2
    return H


# %% hessian | wrong | divides by h**2
def hessian_f(x, y):
    return np.array([[2 * y, 2 * x], [2 * x, 6 * y]])


def numerical_hessian(f, x, h=1e-4):
    E = h * np.eye(len(x))
    return np.array(
        [[(f(x + a + b) - f(x + a - b) - f(x - a + b) + f(x - a - b)) / h**2 for b in E] for a in E]
    )


# %% hessian | wrong | one-sided differences
def hessian_f(x, y):
    return np.array([[2 * y, 2 * x], [2 * x, 6 * y]])


def numerical_hessian(f, x, h=1e-4):
    E = h * np.eye(len(x))
    return np.array([[(f(x + a + b) - f(x + a) - f(x + b) + f(x)) / h**2 for b in E] for a in E])


# %% hessian | wrong | a step as small as for a gradient
def hessian_f(x, y):
    return np.array([[2 * y, 2 * x], [2 * x, 6 * y]])


def numerical_hessian(f, x, h=1e-4):
    h = 1e-7
    E = h * np.eye(len(x))
    return np.array(
        [
            [(f(x + a + b) - f(x + a - b) - f(x - a + b) + f(x - a - b)) / (4 * h**2) for b in E]
            for a in E
        ]
    )


# %% hessian | wrong | the square of the gradient
def hessian_f(x, y):
    g = np.array([2 * x * y, x**2 + 3 * y**2])
    return np.outer(g, g)


def numerical_hessian(f, x, h=1e-4):
    g = numerical_gradient(f, x, h)
    return np.outer(g, g)


# %% hessian | wrong | steps in copies of integers
def hessian_f(x, y):
    return np.array([[2 * y, 2 * x], [2 * x, 6 * y]])


def numerical_hessian(f, x, h=1e-4):
    def at(i, di, j, dj):
        z = x.copy()
        z[i] += di
        z[j] += dj
        return f(z)

    n = len(x)
    H = np.zeros((n, n))
    for i in range(n):
        for j in range(n):
            H[i, j] = at(i, h, j, h) - at(i, h, j, -h) - at(i, -h, j, h) + at(i, -h, j, -h)
    return H / (4 * h**2)


# %% hessian | wrong | moves the caller's array
def hessian_f(x, y):
    return np.array([[2 * y, 2 * x], [2 * x, 6 * y]])


def numerical_hessian(f, x, h=1e-4):
    x = np.asarray(x, dtype=float)

    def at(i, di, j, dj):
        x[i] += di
        x[j] += dj
        value = f(x)
        x[i] -= di
        x[j] -= dj
        return value

    n = len(x)
    H = np.zeros((n, n))
    for i in range(n):
        for j in range(n):
            H[i, j] = at(i, h, j, h) - at(i, h, j, -h) - at(i, -h, j, h) + at(i, -h, j, -h)
    return H / (4 * h**2)


# %% hessian | wrong | ignores h
def hessian_f(x, y):
    return np.array([[2 * y, 2 * x], [2 * x, 6 * y]])


def numerical_hessian(f, x, h=1e-4):
    h = 1e-4
    E = h * np.eye(len(x))
    return np.array(
        [
            [(f(x + a + b) - f(x + a - b) - f(x - a + b) + f(x - a - b)) / (4 * h**2) for b in E]
            for a in E
        ]
    )


# %% hessian | right | the Jacobian of the gradient
def hessian_f(x, y):
    return 2 * np.array([[y, x], [x, 3 * y]])


def numerical_hessian(f, x, h=1e-4):
    return numerical_jacobian(lambda z: numerical_gradient(f, z, h), np.asarray(x, float), h)


# %% hessian | right | three points on the diagonal, upper triangle mirrored
def hessian_f(x, y):
    H = np.zeros((2, 2))
    H[0] = 2 * y, 2 * x
    H[1] = 2 * x, 6 * y
    return H


def numerical_hessian(f, x, h=1e-4):
    x = np.array(x, dtype=float)
    n, E = len(x), h * np.eye(len(x))
    H = np.zeros((n, n))
    for i in range(n):
        H[i, i] = (f(x + E[i]) - 2 * f(x) + f(x - E[i])) / h**2
        for j in range(i):
            a, b = E[i], E[j]
            H[i, j] = H[j, i] = (f(x + a + b) - f(x + a - b) - f(x - a + b) + f(x - a - b)) / (
                4 * h**2
            )
    return H


# %% hessian | right | partial derivatives of partial derivatives
def hessian_f(x, y):
    return np.array([[2.0 * y, 2.0 * x], [2.0 * x, 6.0 * y]])


def numerical_hessian(f, x, h=1e-4):
    n = len(x)
    return np.array(
        [
            [
                partial_derivative(lambda z, j=j: partial_derivative(f, z, j, h), x, i, h)
                for j in range(n)
            ]
            for i in range(n)
        ]
    )


# %% hessian | right | lists, and the step inside a function
def hessian_f(x, y):
    return [[2 * y, 2 * x], [2 * x, 6 * y]]


def numerical_hessian(f, x, h=1e-4):
    def plain(h):
        E = h * np.eye(len(x))
        return np.array([[(f(x + a + b) - f(x + a - b) - f(x - a + b) + f(x - a - b)) / (4 * h * h) for b in E] for a in E])
    return plain(h)


# %% hessian | right | Jacobian of own gradient with a smaller inner step
def hessian_f(x, y):
    return np.array([2 * y, 2 * x, 2 * x, 6 * y]).reshape(2, 2)


def numerical_hessian(f, x, h=1e-4):
    E = np.eye(len(x)) * h
    x = x + 0.0

    def g(z):
        return np.array([(f(z + e) - f(z - e)) / (2 * h) for e in E])

    J = np.stack([(g(x + e) - g(x - e)) / (2 * h) for e in E], axis=1)
    return (J + J.T) / 2


# %% hessian | wrong | a sign in the four points
def hessian_f(x, y):
    return np.array([[2 * y, 2 * x], [2 * x, 3 * y]])


def numerical_hessian(f, x, h=1e-4):
    E = h * np.eye(len(x))
    return np.array([[(f(x + a + b) + f(x + a - b) - f(x - a + b) - f(x - a - b)) / (4 * h**2) for b in E] for a in E])


# %% hessian | wrong | 4 * h ** 2 unbracketed
def hessian_f(x, y):
    return np.array([2 * y, 6 * y])


def numerical_hessian(f, x, h=1e-4):
    E = h * np.eye(len(x))
    return np.array([[(f(x + a + b) - f(x + a - b) - f(x - a + b) + f(x - a - b)) / 4 * h**2 for b in E] for a in E])


# %% hessian | wrong | steps of integers
def hessian_f(x, y):
    return np.array([[2 * y, 2 * x], [2 * x, 6 * y]])


def numerical_hessian(f, x, h=1e-4):
    H = np.zeros((len(x), len(x)))
    for i in range(len(x)):
        for j in range(len(x)):
            a, b = np.zeros_like(x), np.zeros_like(x)
            a[i], b[j] = h, h
            H[i, j] = (f(x + a + b) - f(x + a - b) - f(x - a + b) + f(x - a - b)) / (4 * h**2)
    return H


# %% classify-critical-point | wrong | by the determinant
def classify_critical_point(H):
    d = np.linalg.det(H)
    if abs(d) < 1e-10:
        return "degenerate"
    if d < 0:
        return "saddle"
    return "minimum" if H[0, 0] > 0 else "maximum"


# %% classify-critical-point | wrong | by the diagonal
def classify_critical_point(H):
    d = np.diag(H)
    if np.all(d > 0):
        return "minimum"
    if np.all(d < 0):
        return "maximum"
    return "degenerate" if np.any(d == 0) else "saddle"


# %% classify-critical-point | wrong | zero before both signs
def classify_critical_point(H):
    v = np.linalg.eigvalsh(H)
    zero = 1e-10 * np.max(np.abs(v))
    if np.any(np.abs(v) <= zero):
        return "degenerate"
    if np.all(v > 0):
        return "minimum"
    return "maximum" if np.all(v < 0) else "saddle"


# %% classify-critical-point | wrong | an absolute zero
def classify_critical_point(H):
    v = np.linalg.eigvalsh(H)
    up, down = (v > 1e-10).any(), (v < -1e-10).any()
    if up and down:
        return "saddle"
    if np.any(np.abs(v) <= 1e-10):
        return "degenerate"
    return "minimum" if up else "maximum"


# %% classify-critical-point | wrong | exact zeros only
def classify_critical_point(H):
    v = np.linalg.eigvalsh(H)
    if v.min() < 0 < v.max():
        return "saddle"
    if np.any(v == 0):
        return "degenerate"
    return "minimum" if v.min() > 0 else "maximum"


# %% classify-critical-point | wrong | minimum and maximum swapped
def classify_critical_point(H):
    v = np.linalg.eigvalsh(H)
    zero = 1e-10 * np.max(np.abs(v))
    if (v > zero).any() and (v < -zero).any():
        return "saddle"
    if (np.abs(v) <= zero).any():
        return "degenerate"
    return "maximum" if v[0] > 0 else "minimum"


# %% classify-critical-point | wrong | semidefinite counts as a minimum
def classify_critical_point(H):
    v = np.linalg.eigvalsh(H)
    zero = 1e-10 * np.max(np.abs(v))
    if np.all(v >= -zero):
        return "minimum"
    if np.all(v <= zero):
        return "maximum"
    return "saddle"


# %% classify-critical-point | right | counts signs
def classify_critical_point(H):
    v = np.linalg.eigvalsh(np.asarray(H, dtype=float))
    largest = max(abs(v[0]), abs(v[-1]))
    signs = {0 if abs(t) <= 1e-10 * largest else (1 if t > 0 else -1) for t in v.tolist()}
    if {1, -1} <= signs:
        return "saddle"
    if 0 in signs:
        return "degenerate"
    return "minimum" if 1 in signs else "maximum"


# %% classify-critical-point | right | smallest and largest eigenvalue only
def classify_critical_point(H):
    values = np.sort(np.linalg.eig(H)[0].real)
    low, high = values[0], values[-1]
    zero = 1e-10 * max(-low, high)
    if low < -zero and high > zero:
        return "saddle"
    if low > zero:
        return "minimum"
    if high < -zero:
        return "maximum"
    return "degenerate"


# %% classify-critical-point | right | NumPy strings
def classify_critical_point(H):
    v = np.linalg.eigvalsh(H)
    zero = 1e-10 * abs(v).max()
    up, down, flat = (v > zero).any(), (v < -zero).any(), (abs(v) <= zero).any()
    return np.select([up & down, flat, up], ["saddle", "degenerate", "minimum"], "maximum")[()]


# %% classify-critical-point | wrong | capitals
def classify_critical_point(H):
    v = np.linalg.eigvalsh(H)
    zero = 1e-10 * abs(v).max()
    up, down, flat = (v > zero).any(), (v < -zero).any(), (abs(v) <= zero).any()
    return "Saddle" if up and down else "Degenerate" if flat else "Minimum" if up else "Maximum"


# %% classify-critical-point | wrong | saddle only if no zero
def classify_critical_point(H):
    v = np.linalg.eigvalsh(H)
    if all(v > 0):
        return "minimum"
    if all(v < 0):
        return "maximum"
    if any(v > 0) and any(v < 0):
        return "saddle"
    return "degenerate"


# %% classify-critical-point | wrong | trace and determinant
def classify_critical_point(H):
    d, t = np.linalg.det(H), np.trace(H)
    if abs(d) < 1e-10:
        return "degenerate"
    if d < 0:
        return "saddle"
    return "minimum" if t > 0 else "maximum"


# %% gradient-descent | wrong | climbs
def gradient_descent(grad, x0, learning_rate, steps):
    path = [np.array(x0, dtype=float)]
    for _ in range(steps):
        path.append(path[-1] + learning_rate * grad(path[-1]))
    return np.array(path)


# %% gradient-descent | wrong | stores the same array again and again
def gradient_descent(grad, x0, learning_rate, steps):
    x = np.array(x0, dtype=float)
    path = [x]
    for _ in range(steps):
        x -= learning_rate * grad(x)
        path.append(x)
    return np.array(path)


# %% gradient-descent | wrong | moves the caller's x0
def gradient_descent(grad, x0, learning_rate, steps):
    x = np.asarray(x0, dtype=float)
    path = [x.copy()]
    for _ in range(steps):
        x -= learning_rate * grad(x)
        path.append(x.copy())
    return np.array(path)


# %% gradient-descent | wrong | leaves out x0
def gradient_descent(grad, x0, learning_rate, steps):
    x, path = np.array(x0, dtype=float), []
    for _ in range(steps):
        x = x - learning_rate * grad(x)
        path.append(x)
    return np.array(path)


# %% gradient-descent | wrong | the gradient at x0 only
def gradient_descent(grad, x0, learning_rate, steps):
    g = grad(np.array(x0, dtype=float))
    return np.array([x0 - k * learning_rate * g for k in range(steps + 1)])


# %% gradient-descent | wrong | returns the last point only
def gradient_descent(grad, x0, learning_rate, steps):
    x = np.array(x0, dtype=float)
    for _ in range(steps):
        x = x - learning_rate * grad(x)
    return x


# %% gradient-descent | wrong | an array of integers for integers
def gradient_descent(grad, x0, learning_rate, steps):
    path = np.empty((steps + 1, len(x0)), dtype=x0.dtype)
    path[0] = x0
    for k in range(steps):
        path[k + 1] = path[k] - learning_rate * grad(path[k])
    return path


# %% gradient-descent | wrong | scales the array that grad returned in place
def gradient_descent(grad, x0, learning_rate, steps):
    path = [np.array(x0, dtype=float)]
    for _ in range(steps):
        g = grad(path[-1])
        g *= learning_rate
        path.append(path[-1] - g)
    return np.array(path)


# %% gradient-descent | wrong | one step too few
def gradient_descent(grad, x0, learning_rate, steps):
    path = np.zeros((steps + 1, len(x0)))
    path[0] = x0
    for k in range(steps - 1):
        path[k + 1] = path[k] - learning_rate * grad(path[k])
    return path


# %% gradient-descent | wrong | normalises the gradient
def gradient_descent(grad, x0, learning_rate, steps):
    path = [np.array(x0, dtype=float)]
    for _ in range(steps):
        g = grad(path[-1])
        path.append(path[-1] - learning_rate * g / np.linalg.norm(g))
    return np.array(path)


# %% gradient-descent | right | a list of new arrays
def gradient_descent(grad, x0, learning_rate, steps):
    path = [np.array(x0, dtype=float)]
    while len(path) <= steps:
        path.append(path[-1] - learning_rate * np.asarray(grad(path[-1])))
    return np.stack(path)


# %% gradient-descent | right | recursive
def gradient_descent(grad, x0, learning_rate, steps):
    x0 = np.array(x0, dtype=float)
    if steps == 0:
        return x0[None]
    following = gradient_descent(grad, x0 - learning_rate * grad(x0), learning_rate, steps - 1)
    return np.vstack([x0, following])


# %% gradient-descent | right | accumulate
def gradient_descent(grad, x0, learning_rate, steps):
    from itertools import accumulate
    return list(accumulate(range(steps), lambda x, _: x - learning_rate * grad(x), initial=np.array(x0, dtype=np.float64)))


# %% gradient-descent | right | vstack
def gradient_descent(grad, x0, learning_rate, steps):
    path = np.atleast_2d(x0) * 1.0
    for _ in range(steps):
        path = np.vstack((path, path[-1] - learning_rate * grad(path[-1].copy())))
    return path


# %% gradient-descent | wrong | stops early at the minimum
def gradient_descent(grad, x0, learning_rate, steps):
    path = [np.array(x0, dtype=float)]
    for _ in range(steps):
        g = grad(path[-1])
        if np.linalg.norm(g) < 1e-12:
            break
        path.append(path[-1] - learning_rate * g)
    return np.array(path)


# %% gradient-descent | wrong | stores x0 itself and moves it
def gradient_descent(grad, x0, learning_rate, steps):
    path = [x0]
    x = x0
    for _ in range(steps):
        x -= learning_rate * grad(x)
        path.append(x.copy())
    return np.array(path)


# %% gradient-descent | wrong | transposed
def gradient_descent(grad, x0, learning_rate, steps):
    path = [np.array(x0, dtype=float)]
    for _ in range(steps):
        path.append(path[-1] - learning_rate * grad(path[-1]))
    return np.array(path).T


# %% gradient-descent | wrong | one step too many
def gradient_descent(grad, x0, learning_rate, steps):
    path = [np.array(x0, dtype=float)]
    for _ in range(steps + 1):
        path.append(path[-1] - learning_rate * grad(path[-1]))
    return np.array(path)


# %% newton-step | wrong | inverts the matrix
def newton_step(grad, hessian, x):
    return x - np.linalg.inv(hessian(x)) @ grad(x)


# %% newton-step | wrong | the wrong sign
def newton_step(grad, hessian, x):
    return x + np.linalg.solve(hessian(x), grad(x))


# %% newton-step | wrong | returns the step alone
def newton_step(grad, hessian, x):
    return -np.linalg.solve(hessian(x), grad(x))


# %% newton-step | wrong | divides by the diagonal
def newton_step(grad, hessian, x):
    return x - grad(x) / np.diag(hessian(x))


# %% newton-step | wrong | multiplies by the Hessian
def newton_step(grad, hessian, x):
    return x - hessian(x) @ grad(x)


# %% newton-step | wrong | moves the caller's array
def newton_step(grad, hessian, x):
    if x.dtype.kind == "f":
        x -= np.linalg.solve(hessian(x), grad(x))
        return x
    return x - np.linalg.solve(hessian(x), grad(x))


# %% newton-step | wrong | takes the size of negative curvatures
def newton_step(grad, hessian, x):
    values, V = np.linalg.eigh(hessian(x))
    return x - V @ ((V.T @ grad(x)) / np.abs(values))


# %% newton-step | wrong | a gradient step
def newton_step(grad, hessian, x):
    return x - 0.1 * grad(x)


# %% newton-step | right | solves for the step, then adds it
def newton_step(grad, hessian, x):
    d = np.linalg.solve(hessian(x), -np.asarray(grad(x), dtype=float))
    return np.asarray(x, dtype=float) + d


# %% newton-step | right | least squares
def newton_step(grad, hessian, x):
    step, *_ = np.linalg.lstsq(hessian(x), grad(x), rcond=None)
    return x - step


# %% newton-step | right | QR by hand
def newton_step(grad, hessian, x):
    q, r = np.linalg.qr(hessian(x))
    g = q.T @ grad(x)
    d = np.zeros(len(g))
    for k in range(len(g) - 1, -1, -1):
        d[k] = (g[k] - r[k, k + 1 :] @ d[k + 1 :]) / r[k, k]
    return x - d


# %% newton-step | right | solves for the new point
def newton_step(grad, hessian, x):
    return np.linalg.solve(hessian(x), hessian(x) @ x - grad(x))


# %% newton-step | right | columns
def newton_step(grad, hessian, x):
    return (np.reshape(x, (-1, 1)) - np.linalg.solve(hessian(x), np.reshape(grad(x), (-1, 1)))).ravel().tolist()


# %% newton-step | right | Gaussian elimination
def newton_step(grad, hessian, x):
    M = np.column_stack([np.array(hessian(x), float), np.array(grad(x), float)])
    n = len(M)
    for k in range(n):
        p = k + np.argmax(abs(M[k:, k]))
        M[[k, p]] = M[[p, k]]
        for r in range(k + 1, n):
            M[r] -= M[r, k] / M[k, k] * M[k]
    d = np.zeros(n)
    for k in reversed(range(n)):
        d[k] = (M[k, -1] - M[k, k:n] @ d[k:]) / M[k, k]
    return x - d


# %% newton-step | wrong | pinv
def newton_step(grad, hessian, x):
    return x - np.linalg.pinv(hessian(x)) @ grad(x)


# %% newton-step | wrong | elementwise division
def newton_step(grad, hessian, x):
    return x - grad(x) / hessian(x)


# %% newton-step | wrong | arguments the other way round
def newton_step(grad, hessian, x):
    return x - np.linalg.solve(hessian(x).T, x)


# %% newton-step | wrong | returns nothing
def newton_step(grad, hessian, x):
    x + np.linalg.solve(hessian(x), -grad(x))


# %% bfgs-update | wrong | s and y swapped: the update of the Hessian
def bfgs_update(H_inv, s, y):
    rho = 1 / (s @ y)
    if rho <= 0:
        return H_inv.copy()
    V = np.eye(len(s)) - rho * np.outer(y, s)
    return V @ H_inv @ V.T + rho * np.outer(y, y)


# %% bfgs-update | wrong | the brackets swapped
def bfgs_update(H_inv, s, y):
    c = s @ y
    if c <= 0:
        return H_inv.copy()
    V = np.eye(len(s)) - np.outer(s, y) / c
    return V.T @ H_inv @ V + np.outer(s, s) / c


# %% bfgs-update | wrong | forgets the last term
def bfgs_update(H_inv, s, y):
    c = s @ y
    if c <= 0:
        return H_inv.copy()
    V = np.eye(len(s)) - np.outer(s, y) / c
    return V @ H_inv @ V.T


# %% bfgs-update | wrong | DFP
def bfgs_update(H_inv, s, y):
    c = s @ y
    if c <= 0:
        return H_inv.copy()
    u = H_inv @ y
    return H_inv - np.outer(u, u) / (y @ u) + np.outer(s, s) / c


# %% bfgs-update | wrong | updates at negative curvature too
def bfgs_update(H_inv, s, y):
    c = s @ y
    V = np.eye(len(s)) - np.outer(s, y) / c
    return V @ H_inv @ V.T + np.outer(s, s) / c


# %% bfgs-update | wrong | returns the very matrix where it skips
def bfgs_update(H_inv, s, y):
    c = s @ y
    if c <= 0:
        return H_inv
    V = np.eye(len(s)) - np.outer(s, y) / c
    return V @ H_inv @ V.T + np.outer(s, s) / c


# %% bfgs-update | wrong | skips below 0 only, and divides by 0
def bfgs_update(H_inv, s, y):
    c = s @ y
    if c < 0:
        return H_inv.copy()
    V = np.eye(len(s)) - np.outer(s, y) / c
    return V @ H_inv @ V.T + np.outer(s, s) / c


# %% bfgs-update | wrong | symmetric rank one
def bfgs_update(H_inv, s, y):
    if s @ y <= 0:
        return H_inv.copy()
    r = s - H_inv @ y
    return H_inv + np.outer(r, r) / (r @ y)


# %% bfgs-update | wrong | an elementwise product where an outer one belongs
def bfgs_update(H_inv, s, y):
    c = s @ y
    if c <= 0:
        return H_inv.copy()
    V = np.eye(len(s)) - s * y / c
    return V @ H_inv @ V.T + s * s / c


# %% bfgs-update | wrong | writes into H_inv
def bfgs_update(H_inv, s, y):
    c = s @ y
    if c > 0:
        V = np.eye(len(s)) - np.outer(s, y) / c
        H_inv[...] = V @ H_inv @ V.T + np.outer(s, s) / c
    return H_inv.copy()


# %% bfgs-update | right | multiplied out
def bfgs_update(H_inv, s, y):
    c = float(s @ y)
    if not c > 0:
        return np.array(H_inv)
    u = H_inv @ y
    return H_inv + np.outer(s, s) * (c + y @ u) / c**2 - (np.outer(u, s) + np.outer(s, u)) / c


# %% bfgs-update | right | columns
def bfgs_update(H_inv, s, y):
    s, y = np.reshape(s, (-1, 1)), np.reshape(y, (-1, 1))
    curvature = (s.T @ y).item()
    if curvature <= 0:
        return H_inv + 0.0
    rho, identity = 1 / curvature, np.identity(s.size)
    return (identity - rho * s @ y.T) @ H_inv @ (identity - rho * y @ s.T) + rho * s @ s.T


# %% bfgs-update | right | einsum
def bfgs_update(H_inv, s, y):
    sy = np.vdot(s, y)
    if sy <= 0:
        return np.copy(H_inv)
    r = 1 / sy
    L = np.eye(len(s)) - r * s[:, None] * y[None, :]
    return np.einsum("ij,jk,lk->il", L, H_inv, L) + r * s[:, None] * s


# %% bfgs-update | wrong | returns nothing
def bfgs_update(H_inv, s, y):
    pass


# %% bfgs-update | wrong | a dot for the outer products
def bfgs_update(H_inv, s, y):
    if s @ y <= 0:
        return H_inv.copy()
    rho = 1 / (s @ y)
    V = np.eye(len(s)) - rho * (s @ y)
    return V @ H_inv @ V.T + rho * s @ s


# %% bfgs-update | wrong | the identity where it skips
def bfgs_update(H_inv, s, y):
    if s @ y <= 0:
        return np.eye(len(s))
    rho = 1 / (s @ y)
    V = np.eye(len(s)) - rho * np.outer(s, y)
    return V @ H_inv @ V.T + rho * np.outer(s, s)


# %% check-gradient-by-hand | wrong | one norm for the whole vector
def check_gradient_by_hand(f, grad, x):
    a, n = grad(x), numerical_gradient(f, x)
    return float(np.linalg.norm(a - n) / (np.linalg.norm(a) + np.linalg.norm(n) + 1e-8))


# %% check-gradient-by-hand | wrong | an absolute error
def check_gradient_by_hand(f, grad, x):
    return float(np.max(np.abs(grad(x) - numerical_gradient(f, x))))


# %% check-gradient-by-hand | wrong | the mean error
def check_gradient_by_hand(f, grad, x):
    a, n = grad(x), numerical_gradient(f, x)
    size = np.maximum(np.abs(a), np.abs(n))
    return float(np.mean(np.abs(a - n) / np.where(size == 0, 1, size)))


# %% check-gradient-by-hand | wrong | 0 / 0 is NaN
def check_gradient_by_hand(f, grad, x):
    a, n = grad(x), numerical_gradient(f, x)
    return float(np.max(np.abs(a - n) / np.maximum(np.abs(a), np.abs(n))))


# %% check-gradient-by-hand | wrong | compares sizes only
def check_gradient_by_hand(f, grad, x):
    a, n = np.abs(grad(x)), np.abs(numerical_gradient(f, x))
    size = np.maximum(a, n)
    return float(np.max(np.abs(a - n) / np.where(size == 0, 1, size)))


# %% check-gradient-by-hand | wrong | relative to the numerical gradient alone
def check_gradient_by_hand(f, grad, x):
    a, n = grad(x), numerical_gradient(f, x)
    return float(np.max(np.abs(a - n) / np.where(n == 0, 1, np.abs(n))))


# %% check-gradient-by-hand | wrong | no absolute value, so that errors downward vanish
def check_gradient_by_hand(f, grad, x):
    a, n = grad(x), numerical_gradient(f, x)
    size = np.maximum(np.abs(a), np.abs(n))
    return float(np.max((n - a) / np.where(size == 0, 1, size)))


# %% check-gradient-by-hand | wrong | a constant that hides small entries
def check_gradient_by_hand(f, grad, x):
    a, n = grad(x), numerical_gradient(f, x)
    return float(np.max(np.abs(a - n) / np.maximum(1, np.maximum(np.abs(a), np.abs(n)))))


# %% check-gradient-by-hand | wrong | 1e-8 in the denominator
def check_gradient_by_hand(f, grad, x):
    a, n = grad(x), numerical_gradient(f, x)
    return float(np.max(np.abs(a - n) / (np.maximum(np.abs(a), np.abs(n)) + 1e-8)))


# %% check-gradient-by-hand | wrong | the first entry only
def check_gradient_by_hand(f, grad, x):
    a, n = np.ravel(grad(x)), np.ravel(numerical_gradient(f, x))
    size = max(abs(a[0]), abs(n[0]))
    return abs(a[0] - n[0]) / size if size else 0.0


# %% check-gradient-by-hand | wrong | compares the gradient with itself
def check_gradient_by_hand(f, grad, x):
    return 0.0


# %% check-gradient-by-hand | right | entry by entry
def check_gradient_by_hand(f, grad, x):
    worst = 0.0
    for a, n in zip(np.ravel(grad(x)).tolist(), np.ravel(numerical_gradient(f, x)).tolist()):
        if a != 0 or n != 0:
            worst = max(worst, abs(a - n) / max(abs(a), abs(n)))
    return worst


# %% check-gradient-by-hand | right | np.divide with where, and differences of its own
def check_gradient_by_hand(f, grad, x):
    x = np.array(x, dtype=float)
    n = np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        e = np.zeros(x.shape)
        e[index] = 1e-5 * max(1, abs(x[index]))
        n[index] = (f(x + e) - f(x - e)) / (2 * e[index])
    a = np.asarray(grad(x), dtype=float)
    size = np.maximum(np.abs(a), np.abs(n))
    errors = np.divide(np.abs(a - n), size, out=np.zeros_like(size), where=size > 0)
    return errors.max()


# %% check-gradient-by-hand | right | errstate and nan_to_num
def check_gradient_by_hand(f, grad, x):
    a, n = np.asarray(grad(x)), np.asarray(numerical_gradient(f, x))
    with np.errstate(all="ignore"):
        e = np.abs(a - n) / np.maximum(np.abs(a), np.abs(n))
    return np.max(np.nan_to_num(e))


# %% check-gradient-by-hand | right | max of a generator
def check_gradient_by_hand(f, grad, x):
    a, n = np.ravel(grad(x)), np.ravel(numerical_gradient(f, x))
    return max(abs(p - q) / max(abs(p), abs(q)) if p or q else 0.0 for p, q in zip(a, n))


# %% check-gradient-by-hand | right | masks
def check_gradient_by_hand(f, grad, x):
    a, n = np.asarray(grad(x), dtype=float), np.asarray(numerical_gradient(f, x), dtype=float)
    size = np.maximum(abs(a), abs(n))
    there = size > 0
    return float(np.max(abs(a - n)[there] / size[there], initial=0.0))


# %% check-gradient-by-hand | wrong | fails where all entries are 0
def check_gradient_by_hand(f, grad, x):
    a, n = grad(x), numerical_gradient(f, x)
    size = np.maximum(abs(a), abs(n))
    there = size > 0
    return float(np.max(abs(a - n)[there] / size[there]))


# %% check-gradient-by-hand | wrong | returns every error
def check_gradient_by_hand(f, grad, x):
    a, n = grad(x), numerical_gradient(f, x)
    size = np.maximum(abs(a), abs(n))
    return abs(a - n) / np.where(size == 0, 1, size)


# %% check-gradient-by-hand | wrong | the smaller one
def check_gradient_by_hand(f, grad, x):
    a, n = grad(x), numerical_gradient(f, x)
    size = np.minimum(abs(a), abs(n))
    return np.max(abs(a - n) / np.where(size == 0, 1, size))


# %% check-gradient-by-hand | wrong | nanmax, which is NaN where all entries are 0
def check_gradient_by_hand(f, grad, x):
    a, n = grad(x), numerical_gradient(f, x)
    with np.errstate(all="ignore"):
        return np.nanmax(abs(a - n) / np.maximum(abs(a), abs(n)))


# %% softmax-rows-hunt | wrong | subtracts the mean of each row
def softmax_rows(x):
    e = np.exp(x - np.mean(x, axis=1, keepdims=True))
    return e / np.sum(e, axis=1, keepdims=True)


def counterexample_1():
    return (np.array([[0.0, 0.0], [1000.0, 1000.0]]),)


# %% softmax-rows-hunt | wrong | subtracts the maximum of each column
def softmax_rows(x):
    e = np.exp(x - np.max(x, axis=0))
    return e / np.sum(e, axis=1, keepdims=True)


def counterexample_1():
    return (np.array([[0.0, 0.0], [1000.0, 1000.0]]),)


# %% softmax-rows-hunt | wrong | mended, but the counterexample proves nothing
def softmax_rows(x):
    e = np.exp(x - np.max(x, axis=1, keepdims=True))
    return e / np.sum(e, axis=1, keepdims=True)


def counterexample_1():
    return (np.array([[1.0, 2.0], [3.0, 4.0]]),)


# %% softmax-rows-hunt | wrong | a proof, but nothing mended
def softmax_rows(x):
    e = np.exp(x - np.max(x))
    return e / np.sum(e, axis=1, keepdims=True)


def counterexample_1():
    return (np.array([[0.0, 0.0], [1000.0, 1000.0]]),)


# %% softmax-rows-hunt | wrong | the counterexample is no tuple
def softmax_rows(x):
    e = np.exp(x - np.max(x, axis=1, keepdims=True))
    return e / np.sum(e, axis=1, keepdims=True)


def counterexample_1():
    return np.array([[0.0, 0.0], [1000.0, 1000.0]])


# %% softmax-rows-hunt | right | row by row
def softmax_rows(x):
    return np.array([np.exp(row - row.max()) / np.exp(row - row.max()).sum() for row in x])


def counterexample_1():
    return (np.array([[-900.0, -901.0, -902.0], [0.0, 1.0, 2.0]]),)


# %% softmax-rows-hunt | right | with the softmax of 2.7
def softmax_rows(x):
    return softmax(x, axis=1)


def counterexample_1():
    return (np.array([[0, 0], [800, 800]]),)


# %% softmax-rows-hunt | right | a counterexample of lists
def softmax_rows(x):
    x = np.asarray(x, dtype=float)
    e = np.exp((x.T - x.max(axis=1)).T)
    return e / e.sum(1)[:, None]


def counterexample_1():
    return ([[0.0, 1.0], [1000.0, 1000.0]],)


# %% softmax-rows-hunt | right | a row just before the edge
def softmax_rows(x):
    return [np.exp(r - np.logaddexp.reduce(r)) for r in x]


def counterexample_1():
    return (np.array([[0.0, 1.0], [742.0, 742.0]]),)


# %% softmax-rows-hunt | wrong | the counterexample is a vector
def softmax_rows(x):
    e = np.exp(x - np.max(x, axis=1, keepdims=True))
    return e / np.sum(e, axis=1, keepdims=True)


def counterexample_1():
    return (np.array([0.0, 1000.0]),)


# %% softmax-rows-hunt | wrong | max axis=1 without keepdims
def softmax_rows(x):
    e = np.exp(x - np.max(x, axis=1))
    return e / np.sum(e, axis=1, keepdims=True)


def counterexample_1():
    return (np.array([[0.0, 0.0, 0], [1000.0, 1000.0, 1000]]),)


# %% is-minimum-hunt | wrong | by the trace
def is_minimum(H):
    return bool(np.linalg.det(H) > 0 and np.trace(H) > 0)


def counterexample_2():
    return (np.diag([1.0, -1.0, -1.0]),)


# %% is-minimum-hunt | wrong | by the diagonal
def is_minimum(H):
    return bool(np.all(np.diag(H) > 0))


def counterexample_2():
    return (np.diag([1.0, -1.0, -1.0]),)


# %% is-minimum-hunt | wrong | semidefinite passes
def is_minimum(H):
    return bool(np.all(np.linalg.eigvalsh(H) >= 0))


def counterexample_2():
    return (np.diag([1.0, -1.0, -1.0]),)


# %% is-minimum-hunt | wrong | mended, but the counterexample is one where both are right
def is_minimum(H):
    return bool(np.all(np.linalg.eigvalsh(H) > 0))


def counterexample_2():
    return (np.diag([-1.0, -1.0, -1.0]),)


# %% is-minimum-hunt | right | the leading minors
def is_minimum(H):
    return all(np.linalg.det(H[:k, :k]) > 0 for k in range(1, len(H) + 1))


def counterexample_2():
    return (np.diag([2.0, -3.0, 1.0, -1.0]),)


# %% is-minimum-hunt | right | by Cholesky
def is_minimum(H):
    try:
        np.linalg.cholesky(H)
    except np.linalg.LinAlgError:
        return False
    return True


def counterexample_2():
    return (np.array([[1.0, 2.0, 0.0], [2.0, 1.0, 0.0], [0.0, 0.0, -1.0]]),)


# %% is-minimum-hunt | right | integers, lists and NumPy booleans
def is_minimum(H):
    return (np.linalg.eigh(H)[0] > 0).all()


def counterexample_2():
    return ([[1, 0, 0], [0, -1, 0], [0, 0, -2]],)


# %% is-minimum-hunt | right | eigvals
def is_minimum(H):
    return min(np.linalg.eigvals(H).real) > 0


def counterexample_2():
    return (np.diag([3, -1, -1]),)


# %% is-minimum-hunt | wrong | not symmetric counterexample
def is_minimum(H):
    return min(np.linalg.eigvals(H).real) > 0


def counterexample_2():
    return (np.array([[1.0, -4.0], [4.0, 1.0]]),)


# %% is-minimum-hunt | wrong | one positive eigenvalue is enough
def is_minimum(H):
    return bool(np.any(np.linalg.eigvalsh(H) > 0))


def counterexample_2():
    return (np.diag([1.0, -1.0, -1.0]),)


# %% is-minimum-hunt | wrong | returns text
def is_minimum(H):
    return "yes" if np.all(np.linalg.eigvalsh(H) > 0) else ""


def counterexample_2():
    return (np.diag([1.0, -1.0, -1.0]),)


# %% is-convex-hunt | wrong | looks at a few points
def is_convex(a, b, c):
    return all(12 * a * x**2 + 6 * b * x + 2 * c >= 0 for x in (-1, 0, 1))


def counterexample_3():
    return (1.0, 10.0, 1.0)


# %% is-convex-hunt | wrong | asks that b is 0
def is_convex(a, b, c):
    return b == 0 and c >= 0


def counterexample_3():
    return (1.0, 10.0, 1.0)


# %% is-convex-hunt | wrong | the vertex with the wrong sign
def is_convex(a, b, c):
    x = b / (4 * a)
    return 12 * a * x**2 + 6 * b * x + 2 * c >= 0


def counterexample_3():
    return (1.0, 10.0, 1.0)


# %% is-convex-hunt | wrong | nothing mended
def is_convex(a, b, c):
    return 2 * c >= 0


def counterexample_3():
    return (1.0, 10.0, 1.0)


# %% is-convex-hunt | wrong | the counterexample is not convex, and the given function says so
def is_convex(a, b, c):
    return 3 * b**2 <= 8 * a * c


def counterexample_3():
    return (1.0, 10.0, -1.0)


# %% is-convex-hunt | wrong | the counterexample breaks a > 0
def is_convex(a, b, c):
    return 3 * b**2 <= 8 * a * c


def counterexample_3():
    return (-1.0, 0.0, 1.0)


# %% is-convex-hunt | right | by the discriminant
def is_convex(a, b, c):
    return 36 * b**2 - 96 * a * c <= 0


def counterexample_3():
    return (1, 5, 2)


# %% is-convex-hunt | right | the minimum of the second derivative
def is_convex(a, b, c):
    return np.float64(2 * c) >= 3 * b**2 / (4 * a)


def counterexample_3():
    return (0.5, -3.0, 0.1)


# %% is-convex-hunt | right | polyder, far vertex
def is_convex(a, b, c):
    second = np.polyder(np.array([a, b, c, 0, 0], dtype=float), 2)
    return np.polyval(second, -b / (4 * a)) >= 0


def counterexample_3():
    return (1.0, -1000.0, 374000.0)


# %% is-convex-hunt | right | a thin dip
def is_convex(a, b, c):
    return c >= 3 * b * b / (8 * a)


def counterexample_3():
    return (1.0, 1.0, 0.37499999)


# %% is-convex-hunt | wrong | a grid
def is_convex(a, b, c):
    x = np.linspace(-100, 100, 20001)
    return np.all(12 * a * x**2 + 6 * b * x + 2 * c >= 0)


def counterexample_3():
    return (1.0, 10.0, 1.0)


# %% is-convex-hunt | wrong | integers only
def is_convex(a, b, c):
    x = np.arange(-1000, 1001)
    return np.all(12 * a * x**2 + 6 * b * x + 2 * c >= 0)


def counterexample_3():
    return (1.0, 10.0, 1.0)


# %% is-convex-hunt | wrong | leaves out the border
def is_convex(a, b, c):
    return 3 * b**2 < 8 * a * c


def counterexample_3():
    return (1.0, 10.0, 1.0)


# %% partial-derivative | wrong | xp = x is no copy: the caller's x is changed and not put back
def partial_derivative(f, x, i, h=1e-6):
    xp = x
    xp[i] += h
    up = f(xp)
    xp[i] -= 2 * h
    return (up - f(xp)) / (2 * h)


# %% partial-derivative | wrong | the step is stored in an array of integers (zeros_like), which makes it 0
def partial_derivative(f, x, i, h=1e-6):
    step = np.zeros_like(x)
    step[i] = h
    return (f(x + step) - f(x - step)) / (2 * h)


# %% gradient | wrong | the derivative with respect to x lacks the factor y, that with respect to y lacks x**2
def gradient_f(x, y):
    return np.array([2 * x, 3 * y**2])


def numerical_gradient(f, x, h=1e-6):
    grad = np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        step = np.zeros(x.shape)
        step[index] = h
        grad[index] = (f(x + step) - f(x - step)) / (2 * h)
    return grad


# %% gradient | wrong | return is inside the loop: only the first entry is computed
def gradient_f(x, y):
    return np.array([2 * x * y, x**2 + 3 * y**2], dtype=float)


def numerical_gradient(f, x, h=1e-6):
    grad = np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        step = np.zeros(x.shape)
        step[index] = h
        grad[index] = (f(x + step) - f(x - step)) / (2 * h)
        return grad


# %% quadratic-gradient | wrong | A @ x is right for symmetric A only: the symmetric part is missing
def quadratic_gradient(A, b, x):
    return A @ x - b


# %% quadratic-gradient | wrong | * is used for @: the product with x is entry by entry
def quadratic_gradient(A, b, x):
    return 0.5 * (A + A.T) * x - b


# %% quadratic-gradient | wrong | b is added instead of subtracted
def quadratic_gradient(A, b, x):
    return 0.5 * (A + A.T) @ x + b


# %% directions | wrong | * is used for @: the products are not summed
def directional_derivative(grad, v):
    if not np.any(v):
        raise ValueError('v')
    return grad * v / np.linalg.norm(v)


def steepest_ascent(grad):
    if not np.any(grad):
        raise ValueError("the gradient is 0: no direction is steepest")
    return grad / np.linalg.norm(grad)


def level_curve_direction(grad):
    return np.array([-grad[1], grad[0]]) / np.linalg.norm(grad)


# %% directions | wrong | the zero vector is not refused with a ValueError
def directional_derivative(grad, v):
    return grad @ v / np.linalg.norm(v)


def steepest_ascent(grad):
    if not np.any(grad):
        raise ValueError("the gradient is 0: no direction is steepest")
    return grad / np.linalg.norm(grad)


def level_curve_direction(grad):
    return np.array([-grad[1], grad[0]]) / np.linalg.norm(grad)


# %% directions | wrong | if v == 0 fails on arrays
def directional_derivative(grad, v):
    if v == 0:
        raise ValueError('v')
    return grad @ v / np.linalg.norm(v)


def steepest_ascent(grad):
    if not np.any(grad):
        raise ValueError("the gradient is 0: no direction is steepest")
    return grad / np.linalg.norm(grad)


def level_curve_direction(grad):
    return np.array([-grad[1], grad[0]]) / np.linalg.norm(grad)


# %% directions | wrong | the ValueError is returned instead of raised
def directional_derivative(grad, v):
    if not np.any(v):
        return ValueError('v')
    return grad @ v / np.linalg.norm(v)


def steepest_ascent(grad):
    if not np.any(grad):
        raise ValueError("the gradient is 0: no direction is steepest")
    return grad / np.linalg.norm(grad)


def level_curve_direction(grad):
    return np.array([-grad[1], grad[0]]) / np.linalg.norm(grad)


# %% directions | wrong | the entries are not swapped: only the first sign is flipped
def directional_derivative(grad, v):
    if not np.any(v):
        raise ValueError("v is 0: it points nowhere")
    return grad @ v / np.linalg.norm(v)


def steepest_ascent(grad):
    if not np.any(grad):
        raise ValueError("the gradient is 0: no direction is steepest")
    return grad / np.linalg.norm(grad)


def level_curve_direction(grad):
    a, b = grad
    return np.array([-a, b]) / np.linalg.norm(grad)


# %% numerical-jacobian | wrong | the columns are stacked as rows: the Jacobian is transposed
def numerical_jacobian(f, x, h=1e-6):
    columns = []
    for j in range(len(x)):
        step = np.zeros(len(x))
        step[j] = h
        columns.append((f(x + step) - f(x - step)) / (2 * h))
    return np.array(columns)


# %% numerical-jacobian | wrong | a forward difference is taken instead of a central one
def numerical_jacobian(f, x, h=1e-6):
    columns = []
    for j in range(len(x)):
        step = np.zeros(len(x))
        step[j] = h
        columns.append((f(x + step) - f(x)) / h)
    return np.stack(columns, axis=1)


# %% known-jacobians | wrong | the diagonal of W is returned
def linear_jacobian(W):
    return np.diag(W)


def elementwise_jacobian(derivative, x):
    return np.diag(derivative(x))


# %% known-jacobians | wrong | ones are returned instead of W
def linear_jacobian(W):
    return np.ones_like(W)


def elementwise_jacobian(derivative, x):
    return np.diag(derivative(x))


# %% known-jacobians | wrong | np.diag is applied to the function instead of its values
def linear_jacobian(W):
    return W


def elementwise_jacobian(derivative, x):
    return np.diag(derivative)(x)


# %% known-jacobians | right | el: eye * derivative (right)
def linear_jacobian(W):
    return W


def elementwise_jacobian(derivative, x):
    return np.eye(len(x)) * derivative(x)


# %% softmax | wrong | keepdims=True is missing in the maximum and the sum
def softmax(x, axis=-1):
    x = as_float(x)
    e = np.exp(x - np.max(x, axis=axis))
    return e / np.sum(e, axis=axis)


# %% softmax | wrong | one maximum is subtracted from all rows
def softmax(x, axis=-1):
    x = as_float(x)
    e = np.exp(x - np.max(x))
    return e / np.sum(e, axis=axis, keepdims=True)


# %% softmax | wrong | normalized over all entries instead of along the axis
def softmax(x, axis=-1):
    x = as_float(x)
    e = np.exp(x - np.max(x, axis=axis, keepdims=True))
    return e / np.sum(e)


# %% softmax | wrong | the maximum is not subtracted: exp overflows
def softmax(x, axis=-1):
    e = np.exp(as_float(x))
    return e / np.sum(e, axis=axis, keepdims=True)


# %% softmax | wrong | x -= ... changes the caller's array
def softmax(x, axis=-1):
    x = as_float(x)
    x -= np.max(x, axis=axis, keepdims=True)
    e = np.exp(x)
    return e / np.sum(e, axis=axis, keepdims=True)


# %% softmax | wrong | float32 input becomes float64
def softmax(x, axis=-1):
    x = np.asarray(x, dtype=float)
    e = np.exp(x - np.max(x, axis=axis, keepdims=True))
    return e / np.sum(e, axis=axis, keepdims=True)


# %% softmax-derivative | wrong | works for a vector only: a batch fails
def softmax_derivative(x):
    s = softmax(x)
    return np.diag(s) - np.outer(s, s)


# %% softmax-derivative | wrong | the identity stands for diag(s): the factor s is missing
def softmax_derivative(x):
    s = softmax(x)
    n = s.shape[-1]
    return np.eye(n) - s[..., :, None] * s[..., None, :]


# %% hessian | wrong | the four entries come as a vector instead of a 2 x 2 matrix
def hessian_f(x, y):
    return np.array([2 * y, 2 * x, 2 * x, 6 * y])


def numerical_hessian(f, x, h=1e-4):
    E = h * np.eye(len(x))
    H = np.zeros((len(x), len(x)))
    for i, a in enumerate(E):
        for j, b in enumerate(E):
            H[i, j] = f(x + a + b) - f(x + a - b) - f(x - a + b) + f(x - a - b)
    return H / (4 * h**2)


# %% hessian | wrong | the last term f(x - a - b) has the wrong sign
def hessian_f(x, y):
    return np.array([[2 * y, 2 * x], [2 * x, 6 * y]], dtype=float)


def numerical_hessian(f, x, h=1e-4):
    n = len(x)
    E = h * np.eye(n)
    H = np.zeros((n, n))
    for i in range(n):
        for j in range(n):
            a, b = E[i], E[j]
            H[i, j] = (f(x + a + b) - f(x + a - b) - f(x - a + b) - f(x - a - b)) / (4 * h**2)
    return H


# %% hessian | wrong | / 4 * h**2 multiplies by h**2: brackets are missing
def hessian_f(x, y):
    return np.array([[2 * y, 2 * x], [2 * x, 6 * y]], dtype=float)


def numerical_hessian(f, x, h=1e-4):
    n = len(x)
    E = h * np.eye(n)
    H = np.zeros((n, n))
    for i in range(n):
        for j in range(n):
            a, b = E[i], E[j]
            H[i, j] = (f(x + a + b) - f(x + a - b) - f(x - a + b) + f(x - a - b)) / 4 * h**2
    return H


# %% hessian | wrong | divided by 2h instead of 4 h**2
def hessian_f(x, y):
    return np.array([[2 * y, 2 * x], [2 * x, 6 * y]], dtype=float)


def numerical_hessian(f, x, h=1e-4):
    n = len(x)
    E = h * np.eye(n)
    H = np.zeros((n, n))
    for i in range(n):
        for j in range(n):
            a, b = E[i], E[j]
            H[i, j] = (f(x + a + b) - f(x + a - b) - f(x - a + b) + f(x - a - b)) / (2 * h)
    return H


# %% hessian | wrong | only the upper triangle is filled
def hessian_f(x, y):
    return np.array([[2 * y, 2 * x], [2 * x, 6 * y]], dtype=float)


def numerical_hessian(f, x, h=1e-4):
    n = len(x)
    E = h * np.eye(n)
    H = np.zeros((n, n))
    for i in range(n):
        for j in range(i, n):
            a, b = E[i], E[j]
            H[i, j] = (f(x + a + b) - f(x + a - b) - f(x - a + b) + f(x - a - b)) / (4 * h**2)
    return H


# %% classify-critical-point | wrong | eigenvalues are compared with exactly 0: rounding is not allowed for
def classify_critical_point(H):
    lam = np.linalg.eigvalsh(H)
    if np.any(lam > 0) and np.any(lam < 0):
        return 'saddle'
    if np.any(lam == 0):
        return 'degenerate'
    return 'minimum' if np.all(lam > 0) else 'maximum'


# %% classify-critical-point | wrong | the determinant decides, which is right for 2 x 2 matrices only
def classify_critical_point(H):
    d = np.linalg.det(H)
    if d == 0:
        return 'degenerate'
    if d < 0:
        return 'saddle'
    return 'minimum' if H[0, 0] > 0 else 'maximum'


# %% classify-critical-point | wrong | the tolerance 1e-10 is absolute instead of relative to the largest eigenvalue
def classify_critical_point(H):
    lam = np.linalg.eigvalsh(H)
    zero = 1e-10
    if np.any(lam > zero) and np.any(lam < -zero):
        return 'saddle'
    if np.any(np.abs(lam) <= zero):
        return 'degenerate'
    return 'minimum' if np.all(lam > 0) else 'maximum'


# %% classify-critical-point | wrong | eigh returns a pair (values and vectors), used here as if it were the values
def classify_critical_point(H):
    lam = np.linalg.eigh(H)
    zero = 1e-10 * np.max(np.abs(lam))
    if np.any(lam > zero) and np.any(lam < -zero):
        return 'saddle'
    return 'minimum'


# %% gradient-descent | wrong | the gradient is added: it walks uphill
def gradient_descent(grad, x0, learning_rate, steps):
    path = np.zeros((steps + 1, len(x0)))
    path[0] = x0
    for k in range(steps):
        path[k + 1] = path[k] + learning_rate * grad(path[k])
    return path


# %% gradient-descent | wrong | x0 itself is changed in place
def gradient_descent(grad, x0, learning_rate, steps):
    x = x0
    path = [x.copy()]
    for k in range(steps):
        x -= learning_rate * grad(x)
        path.append(x.copy())
    return np.array(path)


# %% gradient-descent | wrong | only the last point is returned
def gradient_descent(grad, x0, learning_rate, steps):
    x = np.array(x0, dtype=float)
    for k in range(steps):
        x = x - learning_rate * grad(x)
    return x


# %% gradient-descent | wrong | grad is multiplied without being called
def gradient_descent(grad, x0, learning_rate, steps):
    x = np.array(x0, dtype=float)
    path = [x]
    for k in range(steps):
        x = x - learning_rate * grad
        path.append(x)
    return np.array(path)


# %% gradient-descent | wrong | return is inside the loop: only one step is made
def gradient_descent(grad, x0, learning_rate, steps):
    x = np.array(x0, dtype=float)
    path = [x]
    for k in range(steps):
        x = x - learning_rate * grad(x)
        path.append(x)
        return np.array(path)


# %% newton-step | wrong | grad and hessian are used without being called
def newton_step(grad, hessian, x):
    return x - np.linalg.solve(hessian, grad)


# %% newton-step | wrong | the arguments of solve are swapped
def newton_step(grad, hessian, x):
    return x - np.linalg.solve(grad(x), hessian(x))


# %% newton-step | wrong | x -= ... changes the caller's x
def newton_step(grad, hessian, x):
    x -= np.linalg.solve(hessian(x), grad(x))
    return x


# %% bfgs-update | wrong | the inner product s @ y.T stands for the outer product
def bfgs_update(H_inv, s, y):
    if s @ y <= 0:
        return H_inv.copy()
    rho = 1 / (s @ y)
    V = np.eye(len(s)) - rho * s @ y.T
    return V @ H_inv @ V.T + rho * s @ s.T


# %% bfgs-update | wrong | the skipped update returns H_inv itself instead of a copy
def bfgs_update(H_inv, s, y):
    if s @ y <= 0:
        return H_inv
    rho = 1 / (s @ y)
    V = np.eye(len(s)) - rho * np.outer(s, y)
    return V @ H_inv @ V.T + rho * np.outer(s, s)


# %% bfgs-update | wrong | the last term lacks the factor rho
def bfgs_update(H_inv, s, y):
    if s @ y <= 0:
        return H_inv.copy()
    rho = 1 / (s @ y)
    V = np.eye(len(s)) - rho * np.outer(s, y)
    return V @ H_inv @ V.T + np.outer(s, s)


# %% bfgs-update | wrong | the second V is not transposed
def bfgs_update(H_inv, s, y):
    if s @ y <= 0:
        return H_inv.copy()
    rho = 1 / (s @ y)
    V = np.eye(len(s)) - rho * np.outer(s, y)
    return V @ H_inv @ V + rho * np.outer(s, s)


# %% check-gradient-by-hand | wrong | the largest difference is divided by the largest entry of all instead of entry by entry
def check_gradient_by_hand(f, grad, x):
    a = grad(x)
    n = numerical_gradient(f, x)
    return np.max(np.abs(a - n)) / max(np.max(np.abs(a)), np.max(np.abs(n)))


# %% check-gradient-by-hand | wrong | 1e-8 is added to the denominator, which hides errors of small entries
def check_gradient_by_hand(f, grad, x):
    a = grad(x)
    n = numerical_gradient(f, x)
    return np.max(np.abs(a - n) / (np.maximum(np.abs(a), np.abs(n)) + 1e-8))


# %% check-gradient-by-hand | wrong | grad is used without being called
def check_gradient_by_hand(f, grad, x):
    n = numerical_gradient(f, x)
    size = np.maximum(np.abs(grad), np.abs(n))
    return np.max(np.abs(grad - n) / np.where(size == 0, 1, size))


# %% check-gradient-by-hand | wrong | True or False is returned instead of the error
def check_gradient_by_hand(f, grad, x):
    a = grad(x)
    n = numerical_gradient(f, x)
    return np.allclose(a, n)


# %% softmax-rows-hunt | wrong | the maximum is taken along the columns (axis 0)
def softmax_rows(x):
    e = np.exp(x - np.max(x, axis=0, keepdims=True))
    return e / np.sum(e, axis=1, keepdims=True)


def counterexample_1():
    return (np.array([[0.0, 0.0], [1000.0, 1000.0]]),)


# %% is-minimum-hunt | wrong | only the diagonal entries are looked at
def is_minimum(H):
    return bool(np.all(np.diag(H) > 0))


def counterexample_2():
    return (np.diag([1.0, -1.0, -1.0]),)


# %% is-minimum-hunt | wrong | trace and determinant are looked at: right for 2 x 2 only
def is_minimum(H):
    return bool(np.linalg.det(H) > 0 and np.trace(H) > 0)


def counterexample_2():
    return (np.diag([1.0, -1.0, -1.0]),)


# %% is-minimum-hunt | wrong | eigenvalues 0 pass (>= for >)
def is_minimum(H):
    return bool(np.all(np.linalg.eigvalsh(H) >= 0))


def counterexample_2():
    return (np.diag([1.0, -1.0, -1.0]),)


# %% is-minimum-hunt | wrong | at the counterexample, a 2 x 2 saddle, the given function is right
def is_minimum(H):
    return bool(np.all(np.linalg.eigvalsh(H) > 0))


def counterexample_2():
    return (np.diag([1.0, -1.0]),)


# %% is-convex-hunt | wrong | the sign of the discriminant's condition is reversed
def is_convex(a, b, c):
    return 36 * b**2 - 96 * a * c >= 0


def counterexample_3():
    return (1.0, 10.0, 1.0)


# %% is-convex-hunt | wrong | the factors of the discriminant are wrong (b*b <= 4ac)
def is_convex(a, b, c):
    return b**2 - 4 * a * c <= 0


def counterexample_3():
    return (1.0, 10.0, 1.0)


# %% is-convex-hunt | wrong | the lowest point of the second derivative is taken at -b/(2a) instead of -b/(4a)
def is_convex(a, b, c):
    x = -b / (2 * a)
    return 12 * a * x**2 + 6 * b * x + 2 * c >= 0


def counterexample_3():
    return (1.0, 10.0, 1.0)


# %% is-convex-hunt | wrong | at the counterexample with c < 0 the given function is right
def is_convex(a, b, c):
    lowest = -b / (4 * a)
    return 12 * a * lowest**2 + 6 * b * lowest + 2 * c >= 0


def counterexample_3():
    return (1.0, 0.0, -1.0)


# %% is-convex-hunt | wrong | the counterexample has a < 0, which the contract excludes
def is_convex(a, b, c):
    lowest = -b / (4 * a)
    return 12 * a * lowest**2 + 6 * b * lowest + 2 * c >= 0


def counterexample_3():
    return (-1.0, 0.0, 1.0)


# %% partial-derivative | wrong | partial_derivative: ignores h
def partial_derivative(f, x, i, h=1e-6):
    h = 1e-6
    e = np.zeros(len(x))
    e[i] = h
    return float((f(x + e) - f(x - e)) / (2 * h))


# %% gradient | wrong | gradient_f: right for positive y only
def gradient_f(x, y):
    return np.array([2 * x * y, x**2 + 3 * y * abs(y)], dtype=float)


def numerical_gradient(f, x, h=1e-6):
    grad = np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        step = np.zeros(x.shape)
        step[index] = h
        grad[index] = (f(x + step) - f(x - step)) / (2 * h)
    return grad


# %% gradient | wrong | gradient_f: a column
def gradient_f(x, y):
    return np.array([[2 * x * y], [x**2 + 3 * y**2]], dtype=float)


def numerical_gradient(f, x, h=1e-6):
    grad = np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        step = np.zeros(x.shape)
        step[index] = h
        grad[index] = (f(x + step) - f(x - step)) / (2 * h)
    return grad


# %% gradient | wrong | gradient_f: one part in a million off
def gradient_f(x, y):
    return np.array([2 * x * y, x**2 + 3.000003 * y**2], dtype=float)


def numerical_gradient(f, x, h=1e-6):
    grad = np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        step = np.zeros(x.shape)
        step[index] = h
        grad[index] = (f(x + step) - f(x - step)) / (2 * h)
    return grad


# %% gradient | wrong | numerical_gradient: vectors only
def gradient_f(x, y):
    return np.array([2 * x * y, x**2 + 3 * y**2], dtype=float)


def numerical_gradient(f, x, h=1e-6):
    x = np.asarray(x, dtype=float)
    g = np.zeros(len(x))
    for i in range(len(x)):
        e = np.zeros(len(x))
        e[i] = h
        g[i] = (f(x + e) - f(x - e)) / (2 * h)
    return g


# %% quadratic-gradient | wrong | quadratic_gradient: diagonal matrices only
def quadratic_gradient(A, b, x):
    return np.diag(A) * x - b


# %% quadratic-gradient | wrong | quadratic_gradient: upper triangle counts twice
def quadratic_gradient(A, b, x):
    U = np.triu(A)
    return 0.5 * (U + U.T) @ x - b


# %% directions | wrong | directional_derivative: short directions count as zero
def directional_derivative(grad, v):
    n = np.linalg.norm(v)
    if n < 1e-6:
        raise ValueError("v is 0")
    return float(np.dot(grad, v) / n)


def steepest_ascent(grad):
    if not np.any(grad):
        raise ValueError("the gradient is 0: no direction is steepest")
    return grad / np.linalg.norm(grad)


def level_curve_direction(grad):
    return np.array([-grad[1], grad[0]]) / np.linalg.norm(grad)


# %% directions | wrong | directional_derivative: divides by the sum of entries
def directional_derivative(grad, v):
    if not np.any(v):
        raise ValueError("v is 0")
    return float(np.dot(grad, v) / np.sum(np.abs(v)))


def steepest_ascent(grad):
    if not np.any(grad):
        raise ValueError("the gradient is 0: no direction is steepest")
    return grad / np.linalg.norm(grad)


def level_curve_direction(grad):
    return np.array([-grad[1], grad[0]]) / np.linalg.norm(grad)


# %% directions | wrong | directional_derivative: never negative
def directional_derivative(grad, v):
    if not np.any(v):
        raise ValueError("v is 0")
    return float(abs(np.dot(grad, v)) / np.linalg.norm(v))


def steepest_ascent(grad):
    if not np.any(grad):
        raise ValueError("the gradient is 0: no direction is steepest")
    return grad / np.linalg.norm(grad)


def level_curve_direction(grad):
    return np.array([-grad[1], grad[0]]) / np.linalg.norm(grad)


# %% directions | wrong | directional_derivative: refuses directions with a zero in them
def directional_derivative(grad, v):
    if not np.all(v):
        raise ValueError("v is 0")
    return float(np.dot(grad, v) / np.linalg.norm(v))


def steepest_ascent(grad):
    if not np.any(grad):
        raise ValueError("the gradient is 0: no direction is steepest")
    return grad / np.linalg.norm(grad)


def level_curve_direction(grad):
    return np.array([-grad[1], grad[0]]) / np.linalg.norm(grad)


# %% directions | wrong | steepest_ascent: longest entry becomes 1
def directional_derivative(grad, v):
    if not np.any(v):
        raise ValueError("v is 0: it points nowhere")
    return grad @ v / np.linalg.norm(v)


def steepest_ascent(grad):
    m = np.max(np.abs(grad))
    if m == 0:
        raise ValueError("zero")
    return grad / m


def level_curve_direction(grad):
    return np.array([-grad[1], grad[0]]) / np.linalg.norm(grad)


# %% numerical-jacobian | wrong | numerical_jacobian: transposed
def numerical_jacobian(f, x, h=1e-6):
    x = np.asarray(x, dtype=float)
    return np.array([(f(x + h * e) - f(x - h * e)) / (2 * h) for e in np.eye(x.size)])


# %% numerical-jacobian | wrong | numerical_jacobian: forward
def numerical_jacobian(f, x, h=1e-6):
    x = np.asarray(x, dtype=float)
    return np.stack([(f(x + h * e) - f(x)) / h for e in np.eye(x.size)], axis=1)


# %% numerical-jacobian | wrong | numerical_jacobian: f's array is kept, not copied
def numerical_jacobian(f, x, h=1e-6):
    y = np.array(x, dtype=float)
    columns = []
    for j in range(y.size):
        old = y[j]
        y[j] = old + h
        up = f(y)
        y[j] = old - h
        down = f(y)
        y[j] = old
        columns.append((up - down) / (2 * h))
    return np.stack(columns, axis=1)


# %% known-jacobians | wrong | elementwise_jacobian: full columns
def linear_jacobian(W):
    return W


def elementwise_jacobian(derivative, x):
    return np.tile(derivative(x), (len(x), 1))


# %% softmax | wrong | softmax: minus infinity becomes minus 30
def softmax(x, axis=-1):
    x = as_float(x)
    z = np.maximum(x - np.max(x, axis=axis, keepdims=True), -30).astype(x.dtype)
    e = np.exp(z)
    return e / np.sum(e, axis=axis, keepdims=True)


# %% softmax | wrong | softmax: the mean is subtracted, not the maximum
def softmax(x, axis=-1):
    x = as_float(x)
    with np.errstate(all="ignore"):
        e = np.exp(x - np.mean(x, axis=axis, keepdims=True))
        return e / np.sum(e, axis=axis, keepdims=True)


# %% softmax-derivative | wrong | softmax_derivative: diagonal only
def softmax_derivative(x):
    e = np.exp(x - np.max(x, axis=-1, keepdims=True))
    s = e / e.sum(axis=-1, keepdims=True)
    return s[..., :, None] * (1 - s[..., None, :]) * np.eye(s.shape[-1])


# %% hessian | wrong | numerical_hessian: too small a step
def hessian_f(x, y):
    return np.array([[2 * y, 2 * x], [2 * x, 6 * y]], dtype=float)


def numerical_hessian(f, x, h=1e-4):
    x = np.asarray(x, dtype=float)
    h, n = 1e-7, x.size
    E = h * np.eye(n)
    return np.array([[(f(x + E[i] + E[j]) - f(x + E[i] - E[j]) - f(x - E[i] + E[j]) + f(x - E[i] - E[j])) / (4 * h * h) for j in range(n)] for i in range(n)])


# %% classify-critical-point | wrong | classify_critical_point: absolute tolerance
def classify_critical_point(H):
    lam = np.linalg.eigvalsh(H)
    p, n, z = (lam > 1e-10).any(), (lam < -1e-10).any(), (np.abs(lam) <= 1e-10).any()
    return "saddle" if p and n else "degenerate" if z else "minimum" if p else "maximum"


# %% classify-critical-point | wrong | classify_critical_point: zero comes first
def classify_critical_point(H):
    lam = np.linalg.eigvalsh(H)
    t = 1e-10 * np.abs(lam).max()
    if (np.abs(lam) <= t).any():
        return "degenerate"
    return "minimum" if (lam > 0).all() else "maximum" if (lam < 0).all() else "saddle"


# %% gradient-descent | wrong | gradient_descent: clips the gradient
def gradient_descent(grad, x0, learning_rate, steps):
    path = [np.array(x0, dtype=float)]
    for _ in range(steps):
        g = grad(path[-1])
        n = np.linalg.norm(g)
        path.append(path[-1] - learning_rate * (g / n if n > 100 else g))
    return np.array(path)


# %% gradient-descent | wrong | gradient_descent: stops when it stands still
def gradient_descent(grad, x0, learning_rate, steps):
    path = [np.array(x0, dtype=float)]
    for _ in range(steps):
        new = path[-1] - learning_rate * grad(path[-1])
        if np.allclose(new, path[-1], rtol=0, atol=1e-9):
            break
        path.append(new)
    return np.array(path)


# %% gradient-descent | wrong | gradient_descent: no steps give a vector
def gradient_descent(grad, x0, learning_rate, steps):
    path = [np.array(x0, dtype=float)]
    for _ in range(steps):
        path.append(path[-1] - learning_rate * grad(path[-1]))
    return np.squeeze(np.array(path))


# %% newton-step | wrong | newton_step: absolute eigenvalues
def newton_step(grad, hessian, x):
    lam, Q = np.linalg.eigh(hessian(x))
    return x - Q @ ((Q.T @ grad(x)) / np.abs(lam))


# %% bfgs-update | wrong | bfgs_update: small steps are skipped
def bfgs_update(H_inv, s, y):
    if s @ y <= 1e-10:
        return H_inv.copy()
    r = 1 / (s @ y)
    V = np.eye(len(s)) - r * np.outer(s, y)
    return V @ H_inv @ V.T + r * np.outer(s, s)


# %% bfgs-update | wrong | bfgs_update: the DFP update
def bfgs_update(H_inv, s, y):
    if s @ y <= 0:
        return H_inv.copy()
    Hy = H_inv @ y
    return H_inv + np.outer(s, s) / (s @ y) - np.outer(Hy, Hy) / (y @ Hy)


# %% check-gradient-by-hand | wrong | check_gradient_by_hand: mean over the entries
def check_gradient_by_hand(f, grad, x):
    n, a = numerical_gradient(f, x), grad(x)
    d = np.maximum(np.abs(a), np.abs(n))
    return float(np.mean(np.abs(a - n) / np.where(d == 0, 1.0, d)))


# %% check-gradient-by-hand | wrong | check_gradient_by_hand: difference of the sizes
def check_gradient_by_hand(f, grad, x):
    n, a = numerical_gradient(f, x), grad(x)
    d = np.maximum(np.abs(a), np.abs(n))
    return float(np.max(np.abs(np.abs(a) - np.abs(n)) / np.where(d == 0, 1.0, d)))


# %% is-convex-hunt | wrong | is_convex: right for positive b only
def is_convex(a, b, c):
    return 3 * max(b, 0.0) ** 2 <= 8 * a * c


def counterexample_3():
    return (1.0, 3.0, 1.0)


# %% gradient | right | numerical_gradient: basis vectors and list comprehension
def gradient_f(x, y):
    return np.array([2 * x * y, x**2 + 3 * y**2], dtype=float)


def numerical_gradient(f, x, h=1e-6):
    x = np.asarray(x, dtype=np.float64)
    basis = np.eye(x.size).reshape((x.size,) + x.shape)
    slopes = [(f(x + h * e) - f(x - h * e)) / (2 * h) for e in basis]
    return np.array(slopes, dtype=float).reshape(x.shape)


# %% hessian | right | numerical_hessian: gradient of gradients
def hessian_f(x, y):
    return np.array([[2 * y, 2 * x], [2 * x, 6 * y]], dtype=float)


def numerical_hessian(f, x, h=1e-4):
    x = np.asarray(x, dtype=float)
    def g(y):
        return np.array([(f(y + h * e) - f(y - h * e)) / (2 * h) for e in np.eye(len(y))])
    H = np.array([(g(x + h * e) - g(x - h * e)) / (2 * h) for e in np.eye(len(x))])
    return (H + H.T) / 2


# %% classify-critical-point | wrong | classify_critical_point: tolerance five times as wide
def classify_critical_point(H):
    lam = np.linalg.eigvalsh(H)
    t = 5e-10 * np.abs(lam).max()
    p, n, z = (lam > t).any(), (lam < -t).any(), (np.abs(lam) <= t).any()
    return "saddle" if p and n else "degenerate" if z else "minimum" if p else "maximum"


# %% partial-derivative | wrong | a step of its own
def partial_derivative(f, x, i, h=1e-6):
    e = np.zeros(len(x))
    e[i] = 1e-4
    return (f(x + e) - f(x - e)) / (2 * 1e-4)


# %% partial-derivative | wrong | rounds the result
def partial_derivative(f, x, i, h=1e-6):
    e = np.zeros(len(x))
    e[i] = h
    return round((f(x + e) - f(x - e)) / (2 * h), 5)


# %% partial-derivative | wrong | default h of 0.01
def partial_derivative(f, x, i, h=0.01):
    e = np.zeros(len(x))
    e[i] = h
    return (f(x + e) - f(x - e)) / (2 * h)


# %% quadratic-gradient | wrong | the transpose is added without its half
def quadratic_gradient(A, b, x):
    return A @ x / 2 + A.T @ x - b


# %% quadratic-gradient | right | half of a sum of rows and columns
def quadratic_gradient(A, b, x):
    return np.array([(A[k] + A[:, k]) @ x for k in range(len(x))]) / 2 - b


# %% least-squares | wrong | reads rows where columns count
def outputs_with(A, j):
    return [i for i in range(len(A[j])) if A[j, i] != 0]


def output_slopes(A, j):
    return A[j]


def einsum_letters():
    return "ij,j->i"


def least_squares_gradient(A, b, x):
    return A @ (A @ x - b)


# %% least-squares | wrong | positive slopes only, b added, letters of an outer product
def outputs_with(A, j):
    return [i for i in range(len(A)) if A[i, j] > 0]


def output_slopes(A, j):
    return np.abs(A[:, j])


def einsum_letters():
    return "ij,i->ij"


def least_squares_gradient(A, b, x):
    return A.T @ (A @ x + b)


# %% least-squares | wrong | says True or False, lists slopes, sums everything, counts twice
def outputs_with(A, j):
    return [bool(A[i, j]) for i in range(len(A))]


def output_slopes(A, j):
    return A[A[:, j] != 0, j]


def einsum_letters():
    return "ij,i->"


def least_squares_gradient(A, b, x):
    return 2 * A.T @ (A @ x - b)


# %% least-squares | wrong | counts from 1, sums the slopes, writes no text, divides by m
def outputs_with(A, j):
    return [i + 1 for i in range(len(A)) if A[i, j]]


def output_slopes(A, j):
    return sum(A[:, j])


def einsum_letters():
    return ["ij", "i"]


def least_squares_gradient(A, b, x):
    return A.T @ (A @ x - b) / len(b)


# %% least-squares | wrong | the residual with its sign flipped, the rest is right
def outputs_with(A, j):
    return [i for i in range(len(A)) if A[i, j]]


def output_slopes(A, j):
    return A[:, j]


def einsum_letters():
    return "ij,i->j"


def least_squares_gradient(A, b, x):
    return A.T @ (b - A @ x)


# %% least-squares | wrong | forgets to return
def outputs_with(A, j):
    [i for i in range(len(A)) if A[i, j]]


def output_slopes(A, j):
    A[:, j]


def einsum_letters():
    "ij,i->j"


def least_squares_gradient(A, b, x):
    A.T @ (A @ x - b)


# %% least-squares | right | NumPy throughout, and other letters
def outputs_with(A, j):
    return np.flatnonzero(A[:, j])


def output_slopes(A, j):
    return A.T[j]


def einsum_letters():
    return "mn, m -> n"


def least_squares_gradient(A, b, x):
    return (A @ x - b) @ A


# %% least-squares | right | loops, and letters without an arrow
def outputs_with(A, j):
    found = []
    for i in range(A.shape[0]):
        if A[i][j] != 0.0:
            found.append(i)
    return tuple(found)


def output_slopes(A, j):
    return [float(A[i, j]) for i in range(len(A))]


def einsum_letters():
    return "ba,b"


def least_squares_gradient(A, b, x):
    r = A @ x - b
    return [sum(A[i, j] * r[i] for i in range(len(b))) for j in range(len(x))]


# %% softmax-derivative | wrong | the last two axes of a batch are sums
def softmax_derivative(x):
    s = softmax(x)
    return np.eye(s.shape[-1]) * s[..., None, :] - s[..., None, :] * s[..., None, :]


# %% softmax-derivative | wrong | shares the first row's probabilities
def softmax_derivative(x):
    s = np.atleast_2d(softmax(x))
    J = np.stack([np.diag(s[0]) - np.outer(s[0], s[0])] * len(s))
    return J if np.ndim(x) == 2 else J[0]


# %% hessian | wrong | the mean of both one-sided differences, with h for one of them
def hessian_f(x, y):
    return np.array([[2 * y, 2 * x], [2 * x, 6 * y]])


def numerical_hessian(f, x, h=1e-4):
    E = h * np.eye(len(x))
    return np.array([[(f(x + a + b) - f(x + a) - f(x + b) + f(x)) / h**2 for b in E] for a in E])


# %% newton-step | wrong | half of the step
def newton_step(grad, hessian, x):
    return x - np.linalg.solve(hessian(x), grad(x)) / 2


# %% newton-step | wrong | takes the Hessian at 0
def newton_step(grad, hessian, x):
    return x - np.linalg.solve(hessian(0 * x), grad(x))


# %% newton-step | wrong | adds a multiple of the identity
def newton_step(grad, hessian, x):
    return x - np.linalg.solve(hessian(x) + 1e-6 * np.eye(len(x)), grad(x))


# %% check-gradient-noise | wrong | noise is not used
def check_gradient_with_noise(f, grad, x, noise=1e-8):
    return check_gradient_by_hand(f, grad, x)


# %% check-gradient-noise | wrong | noise in the denominator
def check_gradient_with_noise(f, grad, x, noise=1e-8):
    a, n = np.asarray(grad(x)), numerical_gradient(f, x)
    if not np.isfinite(a).all():
        return np.inf
    return float(np.max(np.abs(a - n) / (np.maximum(np.abs(a), np.abs(n)) + noise)))


# %% check-gradient-noise | wrong | NaN passes
def check_gradient_with_noise(f, grad, x, noise=1e-8):
    a, n = np.asarray(grad(x)), numerical_gradient(f, x)
    size = np.maximum(np.abs(a), np.abs(n))
    beyond = np.maximum(np.abs(a - n) - noise, 0)
    return float(np.nanmax(beyond / np.where(size == 0, 1, size)))


# %% check-gradient-noise | wrong | infinity passes
def check_gradient_with_noise(f, grad, x, noise=1e-8):
    a, n = np.asarray(grad(x)), numerical_gradient(f, x)
    if np.isnan(a).any():
        return np.inf
    size = np.maximum(np.abs(a), np.abs(n))
    with np.errstate(all="ignore"):
        errors = np.maximum(np.abs(a - n) - noise, 0) / np.where(size == 0, 1, size)
    return float(np.nanmax(errors))


# %% check-gradient-noise | wrong | large differences count in full
def check_gradient_with_noise(f, grad, x, noise=1e-8):
    a, n = np.asarray(grad(x)), numerical_gradient(f, x)
    if not np.isfinite(a).all():
        return np.inf
    size = np.maximum(np.abs(a), np.abs(n))
    off = np.where(np.abs(a - n) > noise, np.abs(a - n), 0)
    return float(np.max(off / np.where(size == 0, 1, size)))


# %% check-gradient-noise | wrong | sees only what is too large
def check_gradient_with_noise(f, grad, x, noise=1e-8):
    a, n = np.asarray(grad(x)), numerical_gradient(f, x)
    if not np.isfinite(a).all():
        return np.inf
    size = np.maximum(np.abs(a), np.abs(n))
    return float(np.max(np.maximum(a - n - noise, 0) / np.where(size == 0, 1, size)))


# %% check-gradient-noise | wrong | a noise of 1e-12 when it is left out
def check_gradient_with_noise(f, grad, x, noise=1e-13):
    a, n = np.asarray(grad(x)), numerical_gradient(f, x)
    if not np.isfinite(a).all():
        return np.inf
    size = np.maximum(np.abs(a), np.abs(n))
    beyond = np.maximum(np.abs(a - n) - noise, 0)
    return float(np.max(beyond / np.where(size == 0, 1, size)))


# %% check-gradient-noise | right | entry by entry
def check_gradient_with_noise(f, grad, x, noise=1e-8):
    worst = 0.0
    for a, n in zip(np.ravel(grad(x)), np.ravel(numerical_gradient(f, x))):
        if not np.isfinite(a):
            return float("inf")
        beyond = max(abs(a - n) - noise, 0)
        if beyond > 0:
            worst = max(worst, beyond / max(abs(a), abs(n)))
    return worst


# %% check-gradient-noise | right | masks
def check_gradient_with_noise(f, grad, x, noise=1e-8):
    a, n = np.asarray(grad(x), dtype=float), np.asarray(numerical_gradient(f, x))
    if np.isnan(a).any() or np.isinf(a).any():
        return np.inf
    beyond = np.abs(a - n) - noise
    counts = beyond > 0
    return np.max(beyond[counts] / np.maximum(np.abs(a), np.abs(n))[counts], initial=0)


# %% softmax-rows-hunt | wrong | clips the scores
def softmax_rows(x):
    e = np.exp(np.clip(x, -700, 700))
    return e / np.sum(e, axis=1, keepdims=True)


def counterexample_1():
    return (np.array([[0.0, 0.0], [1000.0, 1000.0]]),)


# %% softmax-rows-hunt | wrong | a small number in the denominator
def softmax_rows(x):
    e = np.exp(x - np.max(x))
    return e / (np.sum(e, axis=1, keepdims=True) + 1e-300)


def counterexample_1():
    return (np.array([[0.0, 0.0], [1000.0, 1000.0]]),)


# %% softmax-rows-hunt | wrong | normalizes over the whole batch
def softmax_rows(x):
    e = np.exp(x - np.max(x, axis=1, keepdims=True))
    return e / np.sum(e)


def counterexample_1():
    return (np.array([[0.0, 0.0], [1000.0, 1000.0]]),)


# %% softmax-rows-hunt | wrong | replaces NaN by equal probabilities
def softmax_rows(x):
    e = np.exp(x - np.max(x))
    with np.errstate(all="ignore"):
        s = e / np.sum(e, axis=1, keepdims=True)
    return np.where(np.isnan(s), 1 / x.shape[1], s)


def counterexample_1():
    return (np.array([[0.0, 0.0], [1000.0, 1000.0]]),)


# %% is-minimum-hunt | wrong | the eigenvalues of the first block only
def is_minimum(H):
    return bool(np.all(np.linalg.eigvalsh(H[:2, :2]) > 0) and np.linalg.det(H) > 0)


def counterexample_2():
    return (np.diag([1.0, -1.0, -1.0]),)


# %% is-convex-hunt | wrong | looks at both ends of an interval
def is_convex(a, b, c):
    return bool(min(12 * a * x**2 + 6 * b * x + 2 * c for x in (-2.0, 0.0, 2.0)) >= 0)


def counterexample_3():
    return (1.0, 10.0, 1.0)


# %% partial-derivative | wrong | divides by the size of h: a negative step flips the slope
def partial_derivative(f, x, i, h=1e-6):
    """Return the slope of `f` along axis `i` at `x`, by a central difference.

    Parameters
    ----------
    f : callable
        Takes an array of shape (n,), returns a number.
    x : ndarray, shape (n,)
        Where to measure; stays as it is.
    i : int
        Which entry of `x` moves.
    h : float
        The step, not 0.

    Returns
    -------
    float
    """
    step = np.zeros(len(x))
    step[i] = h
    return (f(x + step) - f(x - step)) / (2 * abs(h))


# %% gradient | wrong | divides by the size of h: a negative step flips the slopes
def gradient_f(x, y):
    """Return the gradient of ``x**2 * y + y**3`` at the numbers `x` and `y`, shape (2,)."""
    return np.array([2 * x * y, x**2 + 3 * y**2], dtype=float)


def numerical_gradient(f, x, h=1e-6):
    """Return the gradient of `f` at `x`, measured by central differences.

    Parameters
    ----------
    f : callable
        Takes an array of the shape of `x`, returns a number.
    x : ndarray, any shape
        Where to measure, floats or integers; stays as it is.
    h : float
        The step, not 0.

    Returns
    -------
    ndarray of float64, shape of `x`
    """
    grad = np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        step = np.zeros(x.shape)
        step[index] = h
        grad[index] = (f(x + step) - f(x - step)) / (2 * abs(h))
    return grad


# %% numerical-jacobian | wrong | divides by the size of h: a negative step flips the slopes
def numerical_jacobian(f, x, h=1e-6):
    """Return the Jacobian of `f` at `x`, measured by central differences.

    Parameters
    ----------
    f : callable
        Takes an array of shape (n,), returns one of shape (m,).
    x : ndarray, shape (n,)
        Where to measure, floats or integers; stays as it is.
    h : float
        The step, not 0.

    Returns
    -------
    ndarray of float64, shape (m, n)
        Entry [i, j] is the derivative of output i with respect to input j.
    """
    steps = h * np.eye(len(x))
    columns = [(f(x + step) - f(x - step)) / (2 * abs(h)) for step in steps]
    return np.stack(columns, axis=1)


# %% gradient | wrong | measures float32 in float32
def gradient_f(x, y):
    return np.array([2 * x * y, x**2 + 3 * y**2], dtype=float)


def numerical_gradient(f, x, h=1e-06):
    x = x * 1.0
    grad = np.zeros_like(x)
    for index in np.ndindex(x.shape):
        up, down = (x.copy(), x.copy())
        up[index] += h
        down[index] -= h
        grad[index] = (f(up) - f(down)) / (2 * h)
    return grad


# %% numerical-jacobian | wrong | measures float32 in float32
def numerical_jacobian(f, x, h=1e-06):
    x = x * 1.0
    columns = []
    for j in range(len(x)):
        up, down = (x.copy(), x.copy())
        up[j] += h
        down[j] -= h
        columns.append((f(up) - f(down)) / (2 * h))
    return np.stack(columns, axis=1)


# %% hessian | wrong | measures float32 in float32
def hessian_f(x, y):
    return np.array([[2 * y, 2 * x], [2 * x, 6 * y]], dtype=float)


def numerical_hessian(f, x, h=0.0001):
    x = x * 1.0
    H, steps = (np.zeros((len(x), len(x))), h * np.eye(len(x), dtype=x.dtype))
    for i, a in enumerate(steps):
        for j, b in enumerate(steps):
            H[i, j] = (f(x + a + b) - f(x + a - b) - f(x - a + b) + f(x - a - b)) / (
                4 * h * h
            )
    return H


# %% check-gradient-by-hand | right | np.nanmax, since NaN has its turn in the next part
def check_gradient_by_hand(f, grad, x):
    analytical, numerical = grad(x), numerical_gradient(f, x)
    size = np.maximum(np.abs(analytical), np.abs(numerical))
    errors = np.abs(analytical - numerical) / np.where(size == 0, 1, size)
    return float(np.nanmax(errors, initial=0.0))


# %% directions | wrong | a v shorter than 1e-12 counts as 0
def directional_derivative(grad, v):
    length = np.linalg.norm(v)
    if length < 1e-12:
        raise ValueError("v has no direction")
    return float(np.dot(grad, v) / length)


def steepest_ascent(grad):
    if not np.any(grad):
        raise ValueError("a gradient of zeros has no direction")
    return grad / np.linalg.norm(grad)


def level_curve_direction(grad):
    turned = np.array([-grad[1], grad[0]])
    return turned / np.linalg.norm(turned)


# %% softmax-derivative | wrong | takes the rows of a batch for the size of the identity
def softmax_derivative(x):
    s = softmax(x)
    delta = np.eye(len(s))
    return s[..., :, None] * (delta - s[..., None, :])


# %% hessian | wrong | squares h alone in the divisor
def hessian_f(x, y):
    return np.array([[2 * y, 2 * x], [2 * x, 6 * y]])


def numerical_hessian(f, x, h=1e-4):
    n = len(x)
    H = np.empty((n, n))
    for i in range(n):
        for j in range(n):
            a = np.zeros(n)
            b = np.zeros(n)
            a[i] = h
            b[j] = h
            top = (f(x + a + b) - f(x + a - b)) - (f(x - a + b) - f(x - a - b))
            H[i, j] = top / (2 * h**2)
    return H


# %% softmax-rows-hunt | wrong | a proof whose rows are too near
def softmax_rows(x):
    e = np.exp(x - np.max(x, axis=1, keepdims=True))
    return e / np.sum(e, axis=1, keepdims=True)


def counterexample_1():
    return (np.array([[0.0, 1.0], [300.0, 301.0]]),)


# %% is-minimum-hunt | wrong | compares all() with 0
def is_minimum(H):
    eigenvalues = np.linalg.eigvalsh(H)
    return bool(eigenvalues.all() > 0)


def counterexample_2():
    return (np.diag([1.0, -2.0, -3.0]),)


# %% bfgs-update | wrong | takes rho from y alone
def bfgs_update(H_inv, s, y):
    if s @ y <= 0:
        return np.copy(H_inv)
    rho = 1.0 / (y @ y)
    one = np.eye(len(s))
    V = one - rho * np.outer(s, y)
    return V @ H_inv @ V.T + rho * np.outer(s, s)
