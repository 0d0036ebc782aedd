"""Right and wrong answers to chapter 1; see `autograder.course.answers` for the format."""

# %% forward-difference | wrong | looks both ways: the central difference
def forward_difference(f, x, h):
    return (f(x + h) - f(x - h)) / (2 * h)


# %% forward-difference | wrong | looks back: the backward difference
def forward_difference(f, x, h):
    return (f(x) - f(x - h)) / h


# %% forward-difference | wrong | the difference is not divided by h
def forward_difference(f, x, h):
    return f(x + h) - f(x)


# %% forward-difference | wrong | multiplies by h where it should divide
def forward_difference(f, x, h):
    return (f(x + h) - f(x)) * h


# %% forward-difference | wrong | the division takes only the second value
def forward_difference(f, x, h):
    return f(x + h) - f(x) / h


# %% forward-difference | wrong | subtracts the wrong way round
def forward_difference(f, x, h):
    return (f(x) - f(x + h)) / h


# %% forward-difference | wrong | takes the size of h, so that a step to the left fails
def forward_difference(f, x, h):
    return (f(x + abs(h)) - f(x)) / abs(h)


# %% forward-difference | wrong | ignores h and takes a step of its own
def forward_difference(f, x, h):
    h = 1e-6
    return (f(x + h) - f(x)) / h


# %% forward-difference | wrong | moves the caller's array
def forward_difference(f, x, h):
    before = f(x)
    x += h
    return (f(x) - before) / h


# %% forward-difference | wrong | moves the caller's array and brings it back rounded
def forward_difference(f, x, h):
    before = f(x)
    x += h
    after = f(x)
    x -= h
    return (after - before) / h


# %% forward-difference | wrong | prints the slope and returns nothing
def forward_difference(f, x, h):
    print((f(x + h) - f(x)) / h)


# %% forward-difference | right | entry by entry through np.vectorize
def forward_difference(f, x, h):
    def slope(number):
        rise = f(number + h) - f(number)
        return rise / h

    return np.vectorize(slope, otypes=[float])(x)


# %% forward-difference | right | works on a copy in place, and prints
def forward_difference(f, x, h):
    moved = np.array(x, dtype=float)
    moved += h
    result = np.asarray(f(moved), dtype=float) - f(x)
    result /= h
    print("the slope is", result)
    return result


# %% forward-difference | right | divides by the step as rounded
import warnings


def forward_difference(f, x, h):
    warnings.warn("the step is rounded too", stacklevel=2)
    ahead = x + h
    return (f(ahead) - f(x)) / (ahead - x)


# %% forward-difference | right | a list of entries, put back into shape
def forward_difference(f, x, h):
    entries = np.ravel(x)
    slopes = [(f(t + h) - f(t)) / h for t in entries]
    return np.reshape(slopes, np.shape(x))


# %% forward-difference | wrong | central for arrays only
def forward_difference(f, x, h):
    if np.ndim(x):
        return (f(x + h) - f(x - h)) / (2 * h)
    return (f(x + h) - f(x)) / h


# %% forward-difference | wrong | flat, whatever the shape
def forward_difference(f, x, h):
    return np.array([(f(v + h) - f(v)) / h for v in np.ravel(x)])


# %% forward-difference | wrong | a loop that a single number has no length for
def forward_difference(f, x, h):
    return [(f(x[k] + h) - f(x[k])) / h for k in range(len(x))]


# %% forward-difference | wrong | the size of h in the divisor only
def forward_difference(f, x, h):
    return (f(x + h) - f(x)) / abs(h)


# %% central-difference | wrong | divides by 2 and then multiplies by h
def central_difference(f, x, h):
    return (f(x + h) - f(x - h)) / 2 * h


# %% central-difference | wrong | divides by h where the points are 2h apart
def central_difference(f, x, h):
    return (f(x + h) - f(x - h)) / h


# %% central-difference | wrong | the forward difference once more
def central_difference(f, x, h):
    return (f(x + h) - f(x)) / h


# %% central-difference | wrong | the forward difference over twice the step
def central_difference(f, x, h):
    return (f(x + 2 * h) - f(x)) / (2 * h)


# %% central-difference | wrong | subtracts the wrong way round
def central_difference(f, x, h):
    return (f(x - h) - f(x + h)) / (2 * h)


# %% central-difference | wrong | adds where it should subtract
def central_difference(f, x, h):
    return (f(x + h) + f(x - h)) / (2 * h)


# %% central-difference | wrong | steps of half the size
def central_difference(f, x, h):
    return (f(x + h / 2) - f(x - h / 2)) / h


# %% central-difference | wrong | the five-point formula, of fourth order
def central_difference(f, x, h):
    near, far = f(x + h) - f(x - h), f(x + 2 * h) - f(x - 2 * h)
    return (8 * near - far) / (12 * h)


# %% central-difference | wrong | moves the caller's array back and forth
def central_difference(f, x, h):
    x += h
    ahead = f(x)
    x -= 2 * h
    behind = f(x)
    x += h
    return (ahead - behind) / (2 * h)


# %% central-difference | wrong | the second difference, which measures f''
def central_difference(f, x, h):
    return (f(x + h) - 2 * f(x) + f(x - h)) / h**2


# %% central-difference | right | the mean of both one-sided slopes
def central_difference(f, x, h):
    def one_sided(step):
        return (f(x + step) - f(x)) / step

    return 0.5 * (one_sided(h) + one_sided(-h))


# %% central-difference | right | calls the forward difference of exercise 1.1 twice
def central_difference(f, x, h):
    return (forward_difference(f, x, h) + forward_difference(f, x, -h)) / 2


# %% central-difference | right | a loop over the entries of a copy
def central_difference(f, x, h):
    points = np.array(x, dtype=float)
    slopes = np.empty_like(points)
    for index in np.ndindex(points.shape):
        t = float(points[index])
        slopes[index] = (f(t + h) - f(t - h)) / (2.0 * h)
    return slopes if slopes.ndim else float(slopes)


# %% central-difference | wrong | a step to the left turns the sign
def central_difference(f, x, h):
    return (f(x + abs(h)) - f(x - abs(h))) / (2 * h)


# %% central-difference | wrong | divides by h squared
def central_difference(f, x, h):
    return (f(x + h) - f(x - h)) / h**2


# %% central-difference | wrong | the mean of the forward difference and itself
def central_difference(f, x, h):
    return (forward_difference(f, x, h) + forward_difference(f, x, h)) / 2


# %% central-difference | wrong | measured by the course
def central_difference(f, x, h):
    return derivative(f, x).value


# %% central-difference | wrong | half of the forward difference
def central_difference(f, x, h):
    return (f(x + h) - f(x)) / (2 * h)


# %% power-derivative | wrong | the exponent does not drop
def power_derivative(x, n):
    x = np.asarray(x, dtype=float)
    return n * x**n


# %% power-derivative | wrong | the factor n is missing
def power_derivative(x, n):
    x = np.asarray(x, dtype=float)
    if n == 0:
        return np.zeros_like(x)
    return x ** (n - 1)


# %% power-derivative | wrong | the factor is n - 1
def power_derivative(x, n):
    x = np.asarray(x, dtype=float)
    if n == 0:
        return np.zeros_like(x)
    return (n - 1) * x ** (n - 1)


# %% power-derivative | wrong | n = 0 is not treated apart
def power_derivative(x, n):
    x = np.asarray(x, dtype=float)
    return n * x ** (n - 1)


# %% power-derivative | wrong | x^n / x, which is NaN at x = 0
def power_derivative(x, n):
    x = np.asarray(x, dtype=float)
    return n * x**n / x


# %% power-derivative | wrong | integers stay integers
def power_derivative(x, n):
    if n == 0:
        return np.zeros(np.shape(x))
    return n * x ** (n - 1)


# %% power-derivative | wrong | n = 0 returns one number for a whole array
def power_derivative(x, n):
    if n == 0:
        return 0.0
    return n * np.asarray(x, dtype=float) ** (n - 1)


# %% power-derivative | wrong | the slope at x = 0 is 0 for every n
def power_derivative(x, n):
    x = np.asarray(x, dtype=float)
    if n == 0:
        return np.zeros_like(x)
    slope = np.zeros_like(x)
    slope[x != 0] = n * x[x != 0] ** (n - 1)
    return slope


# %% power-derivative | wrong | the slope is 0 for every n up to 0
def power_derivative(x, n):
    x = np.asarray(x, dtype=float)
    if n <= 0:
        return np.zeros_like(x)
    return n * x ** (n - 1)


# %% power-derivative | wrong | the exponent is cut off to a whole number
def power_derivative(x, n):
    x = np.asarray(x, dtype=float)
    n = int(n)
    if n == 0:
        return np.zeros_like(x)
    return n * x ** (n - 1)


# %% power-derivative | wrong | measured by a central difference
def power_derivative(x, n):
    x = np.asarray(x, dtype=float)
    h = 1e-6
    return ((x + h) ** n - (x - h) ** n) / (2 * h)


# %% power-derivative | wrong | works in the caller's array
def power_derivative(x, n):
    x = np.asarray(x, dtype=float)
    if n == 0:
        return np.zeros_like(x)
    x **= n - 1
    x *= n
    return x


# %% power-derivative | wrong | the logarithm hides the sign of x
def power_derivative(x, n):
    x = np.asarray(x, dtype=float)
    if n == 0:
        return np.zeros_like(x)
    with np.errstate(all="ignore"):
        return n * np.exp((n - 1) * np.log(np.abs(x)))


# %% power-derivative | right | np.power on a copy, in place
def power_derivative(x, n):
    result = np.array(x, dtype=np.float64)
    if n == 0:
        result[...] = 0.0
        return result
    np.power(result, n - 1, out=result)
    result *= n
    return result


# %% power-derivative | right | entry by entry on Python floats
def power_derivative(x, n):
    def slope(t):
        return 0.0 if n == 0 else n * float(t) ** (n - 1)

    return np.vectorize(slope, otypes=[float])(x)


# %% power-derivative | right | the factor 0 is applied to ones
def power_derivative(x, n):
    exponent = n - 1 if n != 0 else 0
    base = np.asarray(x) * 1.0
    print("exponent", exponent)
    return n * base**exponent


# %% power-derivative | wrong | n x^n - 1, without brackets
def power_derivative(x, n):
    x = np.asarray(x, dtype=float)
    if n == 0:
        return np.zeros_like(x)
    return n * x**n - 1


# %% power-derivative | wrong | the antiderivative
def power_derivative(x, n):
    x = np.asarray(x, dtype=float)
    if n == 0:
        return np.zeros_like(x)
    return x ** (n + 1) / (n + 1)


# %% power-derivative | wrong | float32 in between
def power_derivative(x, n):
    x = np.asarray(x, dtype=float)
    if n == 0:
        return np.zeros_like(x)
    return (n * x.astype(np.float32) ** (n - 1)).astype(np.float32)


# %% power-derivative | wrong | n = 0 has the slope 1 everywhere
def power_derivative(x, n):
    x = np.asarray(x, dtype=float)
    if n == 0:
        return np.ones_like(x)
    return n * x ** (n - 1)


# %% power-derivative | wrong | a negative exponent grows
def power_derivative(x, n):
    x = np.asarray(x, dtype=float)
    if n == 0:
        return np.zeros_like(x)
    return n * x ** (n - 1 if n > 0 else n + 1)


# %% power-derivative | wrong | zeros of integers are integers
def power_derivative(x, n):
    if n == 0:
        return np.zeros_like(x)
    return n * np.asarray(x, dtype=float) ** (n - 1)


# %% power-derivative | wrong | an array of a length that a number does not have
def power_derivative(x, n):
    x = np.asarray(x, dtype=float)
    if n == 0:
        return np.zeros(len(x))
    return n * x ** (n - 1)


# %% common-derivatives | wrong | exp: treated as a power of e
def exp_derivative(x):
    return x * np.exp(np.asarray(x) - 1.0)


def log_derivative(x):
    return 1 / np.asarray(x, dtype=float)


def sin_derivative(x):
    return np.cos(x)


def cos_derivative(x):
    return -np.sin(x)


# %% common-derivatives | wrong | exp: measured by a central difference
def exp_derivative(x):
    return (np.exp(x + 1e-6) - np.exp(x - 1e-6)) / 2e-6


def log_derivative(x):
    return 1 / np.asarray(x, dtype=float)


def sin_derivative(x):
    return np.cos(x)


def cos_derivative(x):
    return -np.sin(x)


# %% common-derivatives | wrong | log: returns the logarithm itself
def exp_derivative(x):
    return np.exp(x)


def log_derivative(x):
    return np.log(x)


def sin_derivative(x):
    return np.cos(x)


def cos_derivative(x):
    return -np.sin(x)


# %% common-derivatives | wrong | log: the derivative of the logarithm to base 10
def exp_derivative(x):
    return np.exp(x)


def log_derivative(x):
    return 1 / (np.asarray(x) * np.log(10.0))


def sin_derivative(x):
    return np.cos(x)


def cos_derivative(x):
    return -np.sin(x)


# %% common-derivatives | wrong | log: the reciprocal of integers is cut off to 0
def exp_derivative(x):
    return np.exp(x)


def log_derivative(x):
    return np.reciprocal(x)


def sin_derivative(x):
    return np.cos(x)


def cos_derivative(x):
    return -np.sin(x)


# %% common-derivatives | wrong | log: whole division
def exp_derivative(x):
    return np.exp(x)


def log_derivative(x):
    return 1 // x


def sin_derivative(x):
    return np.cos(x)


def cos_derivative(x):
    return -np.sin(x)


# %% common-derivatives | wrong | sin: minus cos
def exp_derivative(x):
    return np.exp(x)


def log_derivative(x):
    return 1 / np.asarray(x, dtype=float)


def sin_derivative(x):
    return -np.cos(x)


def cos_derivative(x):
    return -np.sin(x)


# %% common-derivatives | wrong | sin: the root of 1 - sin^2, never negative
def exp_derivative(x):
    return np.exp(x)


def log_derivative(x):
    return 1 / np.asarray(x, dtype=float)


def sin_derivative(x):
    return np.sqrt(1 - np.sin(x) ** 2)


def cos_derivative(x):
    return -np.sin(x)


# %% common-derivatives | wrong | cos: the minus is missing
def exp_derivative(x):
    return np.exp(x)


def log_derivative(x):
    return 1 / np.asarray(x, dtype=float)


def sin_derivative(x):
    return np.cos(x)


def cos_derivative(x):
    return np.sin(x)


# %% common-derivatives | wrong | cos: x taken for degrees
def exp_derivative(x):
    return np.exp(x)


def log_derivative(x):
    return 1 / np.asarray(x, dtype=float)


def sin_derivative(x):
    return np.cos(x)


def cos_derivative(x):
    return -np.sin(np.deg2rad(x))


# %% common-derivatives | right | the complex step
def complex_step(f):
    def slope(x):
        return np.imag(f(np.asarray(x) + 1e-30j)) / 1e-30

    return slope


exp_derivative = complex_step(np.exp)
log_derivative = complex_step(np.log)
sin_derivative = complex_step(np.sin)
cos_derivative = complex_step(np.cos)


# %% common-derivatives | right | the math module, entry by entry
import math


def entrywise(f):
    return np.vectorize(f, otypes=[float])


exp_derivative = entrywise(math.exp)
log_derivative = entrywise(lambda t: t**-1.0)
sin_derivative = entrywise(math.cos)
cos_derivative = entrywise(lambda t: -math.sin(t))


# %% common-derivatives | right | shifted sines, and a hyperbolic exp
def exp_derivative(x):
    return np.cosh(x) + np.sinh(x)


def log_derivative(x):
    return np.power(np.array(x, dtype=float), -1)


def sin_derivative(x):
    return np.sin(np.asarray(x) + np.pi / 2)


def cos_derivative(x):
    return np.sin(np.negative(x))


# %% common-derivatives | right | a dual number of one's own
class Slope:
    def __init__(self, value, slope=1.0):
        self.value, self.slope = np.asarray(value, dtype=float), slope

    def exp(self):
        return Slope(np.exp(self.value), np.exp(self.value) * self.slope)

    def log(self):
        return Slope(np.log(self.value), self.slope / self.value)

    def sin(self):
        return Slope(np.sin(self.value), np.cos(self.value) * self.slope)

    def cos(self):
        return Slope(np.cos(self.value), -np.sin(self.value) * self.slope)


def exp_derivative(x):
    return Slope(x).exp().slope


def log_derivative(x):
    return Slope(x).log().slope


def sin_derivative(x):
    return Slope(x).sin().slope


def cos_derivative(x):
    return Slope(x).cos().slope


# %% common-derivatives | wrong | exp: a factor x too many
def exp_derivative(x):
    return x * np.exp(x)


def log_derivative(x):
    return 1 / np.asarray(x, dtype=float)


def sin_derivative(x):
    return np.cos(x)


def cos_derivative(x):
    return -np.sin(x)


# %% common-derivatives | wrong | log: x ** -1, which integers do not have
def exp_derivative(x):
    return np.exp(x)


def log_derivative(x):
    return x**-1


def sin_derivative(x):
    return np.cos(x)


def cos_derivative(x):
    return -np.sin(x)


# %% common-derivatives | wrong | log: the reciprocal of the logarithm
def exp_derivative(x):
    return np.exp(x)


def log_derivative(x):
    return 1 / np.log(x)


def sin_derivative(x):
    return np.cos(x)


def cos_derivative(x):
    return -np.sin(x)


# %% common-derivatives | wrong | sin: shifted by a pi of five digits
def exp_derivative(x):
    return np.exp(x)


def log_derivative(x):
    return 1 / np.asarray(x, dtype=float)


def sin_derivative(x):
    return np.sin(x + 1.5708)


def cos_derivative(x):
    return -np.sin(x)


# %% common-derivatives | wrong | sin: itself
def exp_derivative(x):
    return np.exp(x)


def log_derivative(x):
    return 1 / np.asarray(x, dtype=float)


def sin_derivative(x):
    return np.sin(x)


def cos_derivative(x):
    return -np.sin(x)


# %% common-derivatives | wrong | cos: the np is missing
def exp_derivative(x):
    return np.exp(x)


def log_derivative(x):
    return 1 / np.asarray(x, dtype=float)


def sin_derivative(x):
    return np.cos(x)


def cos_derivative(x):
    return -sin(x)


# %% common-derivatives | wrong | cos: itself with a minus
def exp_derivative(x):
    return np.exp(x)


def log_derivative(x):
    return 1 / np.asarray(x, dtype=float)


def sin_derivative(x):
    return np.cos(x)


def cos_derivative(x):
    return -np.cos(x)


# %% common-derivatives | wrong | cos: a root, never positive
def exp_derivative(x):
    return np.exp(x)


def log_derivative(x):
    return 1 / np.asarray(x, dtype=float)


def sin_derivative(x):
    return np.cos(x)


def cos_derivative(x):
    return -np.sqrt(1 - np.cos(x) ** 2)


# %% common-derivatives | right | cos: a shift by half a turn
def exp_derivative(x):
    return np.exp(x)


def log_derivative(x):
    return 1 / np.asarray(x, dtype=float)


def sin_derivative(x):
    return np.cos(x)


def cos_derivative(x):
    return np.cos(x + np.pi / 2)


# %% product-and-quotient-rule | wrong | product: multiplies the derivatives
def product_rule(f, df, g, dg):
    return lambda x: df(x) * dg(x)


def quotient_rule(f, df, g, dg):
    return lambda x: (df(x) * g(x) - f(x) * dg(x)) / g(x) ** 2


# %% product-and-quotient-rule | wrong | product: the terms are subtracted
def product_rule(f, df, g, dg):
    return lambda x: df(x) * g(x) - f(x) * dg(x)


def quotient_rule(f, df, g, dg):
    return lambda x: (df(x) * g(x) - f(x) * dg(x)) / g(x) ** 2


# %% product-and-quotient-rule | wrong | product: the second term is missing
def product_rule(f, df, g, dg):
    return lambda x: df(x) * g(x)


def quotient_rule(f, df, g, dg):
    return lambda x: (df(x) * g(x) - f(x) * dg(x)) / g(x) ** 2


# %% product-and-quotient-rule | wrong | product: each derivative stands by its own function
def product_rule(f, df, g, dg):
    return lambda x: df(x) * f(x) + g(x) * dg(x)


def quotient_rule(f, df, g, dg):
    return lambda x: (df(x) * g(x) - f(x) * dg(x)) / g(x) ** 2


# %% product-and-quotient-rule | wrong | product: returns a number, the slope at 0
def product_rule(f, df, g, dg):
    x = 0.0
    return df(x) * g(x) + f(x) * dg(x)


def quotient_rule(f, df, g, dg):
    return lambda x: (df(x) * g(x) - f(x) * dg(x)) / g(x) ** 2


# %% product-and-quotient-rule | wrong | product: remembers the first answer for ever
def product_rule(f, df, g, dg):
    known = []

    def slope(x):
        if not known:
            known.append(df(x) * g(x) + f(x) * dg(x))
        return known[0]

    return slope


def quotient_rule(f, df, g, dg):
    return lambda x: (df(x) * g(x) - f(x) * dg(x)) / g(x) ** 2


# %% product-and-quotient-rule | wrong | product: measured by a central difference
def product_rule(f, df, g, dg):
    def product(x):
        return f(x) * g(x)

    return lambda x: (product(x + 1e-6) - product(x - 1e-6)) / 2e-6


def quotient_rule(f, df, g, dg):
    return lambda x: (df(x) * g(x) - f(x) * dg(x)) / g(x) ** 2


# %% product-and-quotient-rule | wrong | quotient: the denominator is not squared
def product_rule(f, df, g, dg):
    return lambda x: df(x) * g(x) + f(x) * dg(x)


def quotient_rule(f, df, g, dg):
    return lambda x: (df(x) * g(x) - f(x) * dg(x)) / g(x)


# %% product-and-quotient-rule | wrong | quotient: the terms are in the wrong order
def product_rule(f, df, g, dg):
    return lambda x: df(x) * g(x) + f(x) * dg(x)


def quotient_rule(f, df, g, dg):
    return lambda x: (f(x) * dg(x) - df(x) * g(x)) / g(x) ** 2


# %% product-and-quotient-rule | wrong | quotient: the terms are added
def product_rule(f, df, g, dg):
    return lambda x: df(x) * g(x) + f(x) * dg(x)


def quotient_rule(f, df, g, dg):
    return lambda x: (df(x) * g(x) + f(x) * dg(x)) / g(x) ** 2


# %% product-and-quotient-rule | wrong | quotient: divides the derivatives
def product_rule(f, df, g, dg):
    return lambda x: df(x) * g(x) + f(x) * dg(x)


def quotient_rule(f, df, g, dg):
    return lambda x: df(x) / dg(x)


# %% product-and-quotient-rule | wrong | quotient: the square is taken of the argument
def product_rule(f, df, g, dg):
    return lambda x: df(x) * g(x) + f(x) * dg(x)


def quotient_rule(f, df, g, dg):
    return lambda x: (df(x) * g(x) - f(x) * dg(x)) / g(x**2)


# %% product-and-quotient-rule | wrong | quotient: the logarithmic derivative, which fails where f is 0
def product_rule(f, df, g, dg):
    return lambda x: df(x) * g(x) + f(x) * dg(x)


def quotient_rule(f, df, g, dg):
    return lambda x: f(x) / g(x) * (df(x) / f(x) - dg(x) / g(x))


# %% product-and-quotient-rule | right | the quotient is a product with 1 / g
def product_rule(f, df, g, dg):
    def derivative(x):
        first = df(x) * g(x)
        second = f(x) * dg(x)
        return first + second

    return derivative


def quotient_rule(f, df, g, dg):
    def reciprocal(x):
        return 1 / g(x)

    def reciprocal_derivative(x):
        return -dg(x) / g(x) ** 2

    return product_rule(f, df, reciprocal, reciprocal_derivative)


# %% product-and-quotient-rule | right | objects that can be called, and functools.partial
import functools


class Product:
    def __init__(self, *functions):
        self.functions = functions

    def __call__(self, x):
        f, df, g, dg = (function(x) for function in self.functions)
        return np.add(np.multiply(df, g), np.multiply(f, dg))


def slope_of_quotient(f, df, g, dg, x):
    print("called at", x)
    low = g(x)
    return df(x) / low - f(x) * dg(x) / (low * low)


product_rule = Product


def quotient_rule(f, df, g, dg):
    return functools.partial(slope_of_quotient, f, df, g, dg)


# %% product-and-quotient-rule | wrong | product: the inner function is not returned
def product_rule(f, df, g, dg):
    def slope(x):
        return df(x) * g(x) + f(x) * dg(x)


def quotient_rule(f, df, g, dg):
    return lambda x: (df(x) * g(x) - f(x) * dg(x)) / g(x) ** 2


# %% product-and-quotient-rule | wrong | product: one derivative too few, one too many
def product_rule(f, df, g, dg):
    return lambda x: f(x) * g(x) + df(x) * dg(x)


def quotient_rule(f, df, g, dg):
    return lambda x: (df(x) * g(x) - f(x) * dg(x)) / g(x) ** 2


# %% product-and-quotient-rule | wrong | product: a function is not called
def product_rule(f, df, g, dg):
    return lambda x: df(x) * g(x) + f * dg(x)


def quotient_rule(f, df, g, dg):
    return lambda x: (df(x) * g(x) - f(x) * dg(x)) / g(x) ** 2


# %% product-and-quotient-rule | wrong | quotient: no brackets around the numerator
def product_rule(f, df, g, dg):
    return lambda x: df(x) * g(x) + f(x) * dg(x)


def quotient_rule(f, df, g, dg):
    return lambda x: df(x) * g(x) - f(x) * dg(x) / g(x) ** 2


# %% product-and-quotient-rule | wrong | quotient: the square of g' below
def product_rule(f, df, g, dg):
    return lambda x: df(x) * g(x) + f(x) * dg(x)


def quotient_rule(f, df, g, dg):
    return lambda x: (df(x) * g(x) - f(x) * dg(x)) / dg(x) ** 2


# %% product-and-quotient-rule | wrong | quotient: the second term divided by g only
def product_rule(f, df, g, dg):
    return lambda x: df(x) * g(x) + f(x) * dg(x)


def quotient_rule(f, df, g, dg):
    return lambda x: df(x) / g(x) - f(x) * dg(x) / g(x)


# %% product-and-quotient-rule | wrong | quotient: g is lost in the first term
def product_rule(f, df, g, dg):
    return lambda x: df(x) * g(x) + f(x) * dg(x)


def quotient_rule(f, df, g, dg):
    return lambda x: (df(x) - f(x) * dg(x)) / g(x) ** 2


# %% product-and-quotient-rule | wrong | quotient: 2 g below
def product_rule(f, df, g, dg):
    return lambda x: df(x) * g(x) + f(x) * dg(x)


def quotient_rule(f, df, g, dg):
    return lambda x: (df(x) * g(x) - f(x) * dg(x)) / (g(x) * 2)


# %% product-and-quotient-rule | wrong | quotient: measured by a central difference
def product_rule(f, df, g, dg):
    return lambda x: df(x) * g(x) + f(x) * dg(x)


def quotient_rule(f, df, g, dg):
    return lambda x: central_difference(lambda t: f(t) / g(t), x, 1e-6)


# %% product-and-quotient-rule | wrong | quotient: never negative
def product_rule(f, df, g, dg):
    return lambda x: df(x) * g(x) + f(x) * dg(x)


def quotient_rule(f, df, g, dg):
    return lambda x: np.abs(df(x) * g(x) - f(x) * dg(x)) / g(x) ** 2


# %% product-and-quotient-rule | right | quotient: solved from f = q g
def product_rule(f, df, g, dg):
    return lambda x: df(x) * g(x) + f(x) * dg(x)


def quotient_rule(f, df, g, dg):
    return lambda x: (df(x) - f(x) / g(x) * dg(x)) / g(x)


# %% tangent-line | wrong | tangent: the slope is taken at x
def tangent_line(f, df, x0):
    return lambda x: f(x0) + df(x) * (x - x0)


def sensitivity(df, x0, dx):
    return df(x0) * dx


# %% tangent-line | wrong | tangent: x0 is not subtracted
def tangent_line(f, df, x0):
    return lambda x: f(x0) + df(x0) * x


def sensitivity(df, x0, dx):
    return df(x0) * dx


# %% tangent-line | wrong | tangent: x and x0 are swapped in the bracket
def tangent_line(f, df, x0):
    return lambda x: f(x0) + df(x0) * (x0 - x)


def sensitivity(df, x0, dx):
    return df(x0) * dx


# %% tangent-line | wrong | tangent: f(x0) is missing
def tangent_line(f, df, x0):
    return lambda x: df(x0) * (x - x0)


def sensitivity(df, x0, dx):
    return df(x0) * dx


# %% tangent-line | wrong | tangent: starts from f(x), so it is no line
def tangent_line(f, df, x0):
    return lambda x: f(x) + df(x0) * (x - x0)


def sensitivity(df, x0, dx):
    return df(x0) * dx


# %% tangent-line | wrong | tangent: a secant of some width
def tangent_line(f, df, x0):
    slope = (f(x0 + 0.01) - f(x0)) / 0.01
    return lambda x: f(x0) + slope * (x - x0)


def sensitivity(df, x0, dx):
    return df(x0) * dx


# %% tangent-line | wrong | tangent: returns the value at x0, not a function
def tangent_line(f, df, x0):
    return f(x0) + df(x0) * (x0 - x0)


def sensitivity(df, x0, dx):
    return df(x0) * dx


# %% tangent-line | wrong | sensitivity: the slope is taken after the step
def tangent_line(f, df, x0):
    return lambda x: f(x0) + df(x0) * (x - x0)


def sensitivity(df, x0, dx):
    return df(x0 + dx) * dx


# %% tangent-line | wrong | sensitivity: forgets to multiply by dx
def tangent_line(f, df, x0):
    return lambda x: f(x0) + df(x0) * (x - x0)


def sensitivity(df, x0, dx):
    return df(x0)


# %% tangent-line | wrong | sensitivity: divides by dx
def tangent_line(f, df, x0):
    return lambda x: f(x0) + df(x0) * (x - x0)


def sensitivity(df, x0, dx):
    return df(x0) / dx


# %% tangent-line | wrong | sensitivity: the change of the slope, not of the value
def tangent_line(f, df, x0):
    return lambda x: f(x0) + df(x0) * (x - x0)


def sensitivity(df, x0, dx):
    return df(x0 + dx) - df(x0)


# %% tangent-line | wrong | sensitivity: never negative
def tangent_line(f, df, x0):
    return lambda x: f(x0) + df(x0) * (x - x0)


def sensitivity(df, x0, dx):
    return np.abs(df(x0) * dx)


# %% tangent-line | right | slope and intercept, through np.poly1d
def tangent_line(f, df, x0):
    slope = df(x0)
    return np.poly1d([slope, f(x0) - slope * x0])


def sensitivity(df, x0, dx):
    return np.multiply(dx, df(x0))


# %% tangent-line | right | the line says how the value changes; written with each other
def tangent_line(f, df, x0):
    def line(x):
        return f(x0) + sensitivity(df, x0, np.asarray(x, dtype=float) - x0)

    return line


def sensitivity(df, x0, dx):
    changes = [float(df(x0)) * step for step in np.ravel(dx)]
    return np.reshape(changes, np.shape(dx))


# %% tangent-line | wrong | tangent: remembers its first result
def tangent_line(f, df, x0):
    known = []

    def line(x):
        if not known:
            known.append(f(x0) + df(x0) * (x - x0))
        return known[0]

    return line


def sensitivity(df, x0, dx):
    return df(x0) * dx


# %% tangent-line | wrong | tangent: one x0 for all tangents
def tangent_line(f, df, x0):
    global touching
    touching = f, df, x0

    def line(x):
        f, df, x0 = touching
        return f(x0) + df(x0) * (x - x0)

    return line


def sensitivity(df, x0, dx):
    return df(x0) * dx


# %% tangent-line | wrong | tangent: a slope that is not called
def tangent_line(f, df, x0):
    return lambda x: f(x0) + df * (x - x0)


def sensitivity(df, x0, dx):
    return df(x0) * dx


# %% tangent-line | wrong | tangent: value and slope are swapped
def tangent_line(f, df, x0):
    return lambda x: df(x0) + f(x0) * (x - x0)


def sensitivity(df, x0, dx):
    return df(x0) * dx


# %% tangent-line | wrong | tangent: a parabola that touches
def tangent_line(f, df, x0):
    return lambda x: f(x0) + df(x0) * (x - x0) + (x - x0) ** 2 / 2


def sensitivity(df, x0, dx):
    return df(x0) * dx


# %% tangent-line | wrong | sensitivity: the new x, not the change of y
def tangent_line(f, df, x0):
    return lambda x: f(x0) + df(x0) * (x - x0)


def sensitivity(df, x0, dx):
    return x0 + df(x0) * dx


# %% tangent-line | wrong | sensitivity: a slope that is never negative
def tangent_line(f, df, x0):
    return lambda x: f(x0) + df(x0) * (x - x0)


def sensitivity(df, x0, dx):
    return np.abs(df(x0)) * dx


# %% tangent-line | wrong | sensitivity: x0 and dx swapped
def tangent_line(f, df, x0):
    return lambda x: f(x0) + df(x0) * (x - x0)


def sensitivity(df, x0, dx):
    return df(dx) * x0


# %% tangent-line | wrong | sensitivity: slope and step are added
def tangent_line(f, df, x0):
    return lambda x: f(x0) + df(x0) * (x - x0)


def sensitivity(df, x0, dx):
    return df(x0) + dx


# %% tangent-line | right | a partial function
def tangent_line(f, df, x0):
    from functools import partial

    def line(y, slope, x):
        return y + slope * (x - x0)

    return partial(line, f(x0), df(x0))


def sensitivity(df, x0, dx):
    return df(x0) * dx


# %% relu | wrong | relu: the absolute value
def relu(x):
    return np.abs(as_float(x))


def relu_derivative(x):
    x = as_float(x)
    return (x > 0).astype(x.dtype)


# %% relu | wrong | relu: np.max, the one largest entry
def relu(x):
    return np.max(as_float(x), 0)


def relu_derivative(x):
    x = as_float(x)
    return (x > 0).astype(x.dtype)


# %% relu | wrong | relu: Python's max, which cannot compare arrays
def relu(x):
    return max(0.0, x)


def relu_derivative(x):
    x = as_float(x)
    return (x > 0).astype(x.dtype)


# %% relu | wrong | relu: the minimum
def relu(x):
    return np.minimum(as_float(x), 0)


def relu_derivative(x):
    x = as_float(x)
    return (x > 0).astype(x.dtype)


# %% relu | wrong | relu: sets entries of the caller's array
def relu(x):
    x = np.asarray(x)
    x[x < 0] = 0
    return x


def relu_derivative(x):
    x = as_float(x)
    return (x > 0).astype(x.dtype)


# %% relu | wrong | relu: integers stay integers
def relu(x):
    return np.maximum(0, x)


def relu_derivative(x):
    x = as_float(x)
    return (x > 0).astype(x.dtype)


# %% relu | wrong | relu: float32 becomes float64
def relu(x):
    return np.maximum(np.asarray(x, dtype=float), 0)


def relu_derivative(x):
    x = as_float(x)
    return (x > 0).astype(x.dtype)


# %% relu | wrong | trap: relu_derivative fails on a Python float
def relu(x):
    return np.maximum(as_float(x), 0)


def relu_derivative(x):
    return (x > 0).astype(float)


# %% relu | wrong | trap: relu_derivative_alt returns integers
def relu(x):
    return np.maximum(as_float(x), 0)


def relu_derivative(x):
    return np.where(np.asarray(x) > 0, 1, 0)


# %% relu | wrong | relu_derivative: truth values
def relu(x):
    return np.maximum(as_float(x), 0)


def relu_derivative(x):
    return np.asarray(x) > 0


# %% relu | wrong | relu_derivative: 1 at the kink
def relu(x):
    return np.maximum(as_float(x), 0)


def relu_derivative(x):
    x = as_float(x)
    return (x >= 0).astype(x.dtype)


# %% relu | wrong | relu_derivative: one half at the kink
def relu(x):
    return np.maximum(as_float(x), 0)


def relu_derivative(x):
    x = as_float(x)
    return np.heaviside(x, 0.5).astype(x.dtype)


# %% relu | wrong | relu_derivative: relu(x) / x, which is NaN at the kink
def relu(x):
    return np.maximum(as_float(x), 0)


def relu_derivative(x):
    x = as_float(x)
    return np.maximum(x, 0) / x


# %% relu | wrong | relu_derivative: -1 for negative numbers
def relu(x):
    return np.maximum(as_float(x), 0)


def relu_derivative(x):
    return np.sign(as_float(x))


# %% relu | wrong | relu_derivative: returns relu itself
def relu(x):
    return np.maximum(as_float(x), 0)


def relu_derivative(x):
    return np.maximum(as_float(x), 0)


# %% relu | wrong | relu_derivative: measured by a central difference, wrong near the kink
def relu(x):
    return np.maximum(as_float(x), 0)


def relu_derivative(x):
    x = as_float(x)
    up, down = np.maximum(x + 1e-6, 0), np.maximum(x - 1e-6, 0)
    return ((up - down) / 2e-6).astype(x.dtype)


# %% relu | right | clipped, and a step function
def relu(x):
    return np.clip(as_float(x), 0, None)


def relu_derivative(x):
    x = as_float(x)
    return np.heaviside(x, 0).astype(x.dtype)


# %% relu | wrong | a product with a mask, which is NaN at -inf
def mask(x):
    return (x > 0).astype(x.dtype)


def relu(x):
    x = as_float(x)
    return x * mask(x)


def relu_derivative(x):
    return mask(as_float(x))


# %% relu | right | boolean indexing on a copy, and a loop
def relu(x):
    result = np.array(as_float(x))
    result[result < 0] = 0
    return result


def relu_derivative(x):
    x = as_float(x)
    result = np.zeros_like(x)
    for index in np.ndindex(x.shape):
        if x[index] > 0:
            result[index] = 1
    return result


# %% relu | right | without as_float; Python floats for numbers
def relu(x):
    if isinstance(x, (int, float)):
        return max(0.0, float(x))
    kind = np.float32 if x.dtype == np.float32 else np.float64
    return np.where(x < 0, 0, x).astype(kind)


def relu_derivative(x):
    if isinstance(x, (int, float)):
        return 1.0 if x > 0 else 0.0
    kind = np.float32 if x.dtype == np.float32 else np.float64
    return np.sign(relu(x)).astype(kind)


# %% relu | wrong | the mean of x and its size, which is NaN at -inf
def relu(x):
    x = as_float(x)
    return (x + np.abs(x)) / 2


def relu_derivative(x):
    x = as_float(x)
    return (x > 0).astype(x.dtype)


# %% relu | wrong | relu_derivative: small positive numbers count as 0
def relu(x):
    return np.maximum(as_float(x), 0)


def relu_derivative(x):
    x = as_float(x)
    return (x > 1e-12).astype(x.dtype)


# %% relu | wrong | relu: Python's max, which takes no arrays
def relu(x):
    return max(0, x)


def relu_derivative(x):
    x = as_float(x)
    return (x > 0).astype(x.dtype)


# %% relu | wrong | relu_derivative: whole numbers come back
def relu(x):
    return np.maximum(as_float(x), 0)


def relu_derivative(x):
    return np.where(as_float(x) > 0, 1, 0)


# %% relu | wrong | relu_derivative: float32 becomes float64
def relu(x):
    return np.maximum(as_float(x), 0)


def relu_derivative(x):
    return (np.asarray(x) > 0).astype(float)


# %% sigmoid | wrong | trap: sigmoid overflows for large negative x
def sigmoid(x):
    return 1 / (1 + np.exp(-np.asarray(x, dtype=float)))


# %% sigmoid | wrong | the other formula, which overflows on the other side
def sigmoid(x):
    e = np.exp(np.asarray(x, dtype=float))
    return e / (1 + e)


# %% sigmoid | wrong | both formulas in np.where, which computes both everywhere
def sigmoid(x):
    x = np.asarray(x, dtype=float)
    return np.where(x >= 0, 1 / (1 + np.exp(-x)), np.exp(x) / (1 + np.exp(x)))


# %% sigmoid | wrong | the sign of x is wrong
def sigmoid(x):
    x = np.asarray(x, dtype=float)
    e = np.exp(-np.abs(x))
    return np.where(x >= 0, e, 1) / (1 + e)


# %% sigmoid | wrong | forgets the branch for negative x
def sigmoid(x):
    return 1 / (1 + np.exp(-np.abs(np.asarray(x, dtype=float))))


# %% sigmoid | wrong | clips x far too early
def sigmoid(x):
    x = np.clip(np.asarray(x, dtype=float), -10, 10)
    return 1 / (1 + np.exp(-x))


# %% sigmoid | wrong | math.exp, which takes no arrays
import math


def sigmoid(x):
    if x >= 0:
        return 1 / (1 + math.exp(-x))
    return math.exp(x) / (1 + math.exp(x))


# %% sigmoid | wrong | the linear hard sigmoid
def sigmoid(x):
    return np.clip(0.5 + 0.25 * np.asarray(x, dtype=float), 0.0, 1.0)


# %% sigmoid | wrong | tanh without the shift and the halves
def sigmoid(x):
    return np.tanh(np.asarray(x, dtype=float))


# %% sigmoid | wrong | computed in float32
def sigmoid(x):
    x = np.asarray(x, dtype=np.float32)
    e = np.exp(-np.abs(x))
    return np.where(x >= 0, 1, e) / (1 + e)


# %% sigmoid | wrong | flips signs in the caller's array
def sigmoid(x):
    x = np.asarray(x, dtype=float)
    positive = x >= 0
    np.copyto(x, -np.abs(x))
    e = np.exp(x)
    return np.where(positive, 1, e) / (1 + e)


# %% sigmoid | right | through tanh
def sigmoid(x):
    return 0.5 * (1 + np.tanh(0.5 * np.asarray(x, dtype=float)))


# %% sigmoid | right | two branches by boolean indexing
def sigmoid(x):
    x = np.asarray(x, dtype=float)
    result = np.empty_like(x)
    positive = x >= 0
    result[positive] = 1 / (1 + np.exp(-x[positive]))
    small = np.exp(x[~positive])
    result[~positive] = small / (1 + small)
    return result


# %% sigmoid | right | through logaddexp
def sigmoid(x):
    return np.exp(-np.logaddexp(0.0, -np.asarray(x, dtype=float)))


# %% sigmoid | right | clipped where nothing changes any more
def sigmoid(x):
    print("sigmoid of", x)
    return 1 / (1 + np.exp(-np.clip(x, -700, 700)))


# %% sigmoid | right | entry by entry with the math module
import math
import warnings


def one(t):
    if t >= 0:
        return 1 / (1 + math.exp(-t))
    return math.exp(t) / (1 + math.exp(t))


def sigmoid(x):
    warnings.warn("slow, but sure", stacklevel=2)
    if np.ndim(x) == 0:
        return one(float(x))
    return np.vectorize(one, otypes=[float])(x)


# %% sigmoid | right | overflows, says nothing and is right
def sigmoid(x):
    with np.errstate(over="ignore"):
        return 1 / (1 + np.exp(-np.asarray(x, dtype=float)))


# %% sigmoid | wrong | clipped at 30, where 1e-13 is still missing
def sigmoid(x):
    return 1 / (1 + np.exp(-np.clip(x, -30, 30)))


# %% sigmoid | wrong | the brackets of the denominator are missing
def sigmoid(x):
    return 1 / 1 + np.exp(-np.asarray(x, dtype=float))


# %% sigmoid | wrong | the numerator alone
def sigmoid(x):
    return np.where(np.asarray(x) >= 0, 1, np.exp(-np.abs(x)))


# %% sigmoid-derivative | wrong | trap: sigmoid_derivative is 0 from x = 37 on
def sigmoid_derivative(x):
    s = sigmoid(x)
    return s * (1 - s)


def sigmoid_derivative_from_output(output):
    return output * (1 - output)


# %% sigmoid-derivative | wrong | from x: returns sigmoid itself
def sigmoid_derivative(x):
    return sigmoid(x)


def sigmoid_derivative_from_output(output):
    return output * (1 - output)


# %% sigmoid-derivative | wrong | from x: x * (1 - x), the formula meant for the output
def sigmoid_derivative(x):
    return x * (1 - x)


def sigmoid_derivative_from_output(output):
    return output * (1 - output)


# %% sigmoid-derivative | wrong | from x: the plain quotient rule, which overflows
def sigmoid_derivative(x):
    e = np.exp(-np.asarray(x, dtype=float))
    return e / (1 + e) ** 2


def sigmoid_derivative_from_output(output):
    return output * (1 - output)


# %% sigmoid-derivative | wrong | from x: the denominator is not squared
def sigmoid_derivative(x):
    e = np.exp(-np.abs(np.asarray(x, dtype=float)))
    return e / (1 + e)


def sigmoid_derivative_from_output(output):
    return output * (1 - output)


# %% sigmoid-derivative | wrong | from x: the square of sigmoid
def sigmoid_derivative(x):
    return sigmoid(x) ** 2


def sigmoid_derivative_from_output(output):
    return output * (1 - output)


# %% sigmoid-derivative | wrong | from x: 1 - s^2, the formula of tanh
def sigmoid_derivative(x):
    return 1 - sigmoid(x) ** 2


def sigmoid_derivative_from_output(output):
    return output * (1 - output)


# %% sigmoid-derivative | wrong | from x: measured by a central difference
def sigmoid_derivative(x):
    x = np.asarray(x, dtype=float)
    return (sigmoid(x + 1e-6) - sigmoid(x - 1e-6)) / 2e-6


def sigmoid_derivative_from_output(output):
    return output * (1 - output)


# %% sigmoid-derivative | wrong | from the output: applies sigmoid once more
def sigmoid_derivative(x):
    x = np.asarray(x, dtype=float)
    return sigmoid(x) * sigmoid(-x)


def sigmoid_derivative_from_output(output):
    s = 1 / (1 + np.exp(-output))
    return s * (1 - s)


# %% sigmoid-derivative | wrong | from the output: 1 - output^2, the formula of tanh
def sigmoid_derivative(x):
    x = np.asarray(x, dtype=float)
    return sigmoid(x) * sigmoid(-x)


def sigmoid_derivative_from_output(output):
    return 1 - output**2


# %% sigmoid-derivative | wrong | from the output: the factor output is missing
def sigmoid_derivative(x):
    x = np.asarray(x, dtype=float)
    return sigmoid(x) * sigmoid(-x)


def sigmoid_derivative_from_output(output):
    return 1 - output


# %% sigmoid-derivative | wrong | from the output: works in the caller's array
def sigmoid_derivative(x):
    x = np.asarray(x, dtype=float)
    return sigmoid(x) * sigmoid(-x)


def sigmoid_derivative_from_output(output):
    rest = 1 - output
    output *= rest
    return output


# %% sigmoid-derivative | right | one small exponential, no sigmoid
def sigmoid_derivative(x):
    e = np.exp(-np.abs(x))
    return e / (1 + e) ** 2


def sigmoid_derivative_from_output(output):
    return output - output**2


# %% sigmoid-derivative | right | the square of a hyperbolic secant
def sigmoid_derivative(x):
    return (0.5 / np.cosh(np.asarray(x, dtype=float) / 2)) ** 2


def sigmoid_derivative_from_output(output):
    return 0.25 - (np.asarray(output) - 0.5) ** 2


# %% sigmoid-derivative | right | in logarithms, entry by entry
import math


def slope(t):
    size = abs(float(t))
    return math.exp(-size - 2 * math.log1p(math.exp(-size)))


def sigmoid_derivative(x):
    values = [slope(t) for t in np.ravel(x)]
    return np.reshape(values, np.shape(x))


def sigmoid_derivative_from_output(output):
    return np.vectorize(lambda s: s * (1 - s), otypes=[float])(output)


# %% sigmoid-derivative | right | the complex step on the side that is safe
def sigmoid_derivative(x):
    z = np.abs(np.asarray(x, dtype=float)) + 1e-8j
    return np.imag(1 / (1 + np.exp(-z))) / 1e-8


def sigmoid_derivative_from_output(output):
    x = np.log(output) - np.log1p(-np.asarray(output))
    return sigmoid_derivative(x)


# %% sigmoid-derivative | wrong | from x: the overflow is silenced, and NaN is left
def sigmoid_derivative(x):
    with np.errstate(all="ignore"):
        e = np.exp(-np.asarray(x, dtype=float))
        return e / (1 + e) ** 2


def sigmoid_derivative_from_output(output):
    return output * (1 - output)


# %% sigmoid-derivative | wrong | from x: sigmoid(1 - x) for 1 - sigmoid(x)
def sigmoid_derivative(x):
    return sigmoid(x) * sigmoid(1 - x)


def sigmoid_derivative_from_output(output):
    return output * (1 - output)


# %% sigmoid-derivative | wrong | from x: the inner sign is lost, so the slope is negative
def sigmoid_derivative(x):
    return -sigmoid(x) * sigmoid(-x)


def sigmoid_derivative_from_output(output):
    return output * (1 - output)


# %% sigmoid-derivative | wrong | from the output: twice the output for its square
def sigmoid_derivative(x):
    return sigmoid(x) * sigmoid(-x)


def sigmoid_derivative_from_output(output):
    return output - output * 2


# %% sigmoid-derivative | wrong | from the output: a plus, output * (1 + output)
def sigmoid_derivative(x):
    return sigmoid(x) * sigmoid(-x)


def sigmoid_derivative_from_output(output):
    return output * (1 + output)


# %% tanh-derivative | wrong | trap: tanh_derivative loses its digits as x grows
def tanh_derivative(x):
    return 1 - np.tanh(x) ** 2


def tanh_derivative_from_output(output):
    return 1 - output**2


# %% tanh-derivative | wrong | from x: (1 - tanh)(1 + tanh) cancels just as much
def tanh_derivative(x):
    t = np.tanh(x)
    return (1 - t) * (1 + t)


def tanh_derivative_from_output(output):
    return 1 - output**2


# %% tanh-derivative | wrong | from x: 4 / (e^x + e^-x)^2 overflows
def tanh_derivative(x):
    x = np.asarray(x, dtype=float)
    return 4 / (np.exp(x) + np.exp(-x)) ** 2


def tanh_derivative_from_output(output):
    return 1 - output**2


# %% tanh-derivative | wrong | from x: the 2 in the exponent is missing
def tanh_derivative(x):
    e = np.exp(-np.abs(np.asarray(x, dtype=float)))
    return 4 * e / (1 + e) ** 2


def tanh_derivative_from_output(output):
    return 1 - output**2


# %% tanh-derivative | wrong | from x: the factor 4 is missing
def tanh_derivative(x):
    e = np.exp(-2 * np.abs(np.asarray(x, dtype=float)))
    return e / (1 + e) ** 2


def tanh_derivative_from_output(output):
    return 1 - output**2


# %% tanh-derivative | wrong | from x: the formula without absolute value overflows for negative x
def tanh_derivative(x):
    e = np.exp(-2 * np.asarray(x, dtype=float))
    return 4 * e / (1 + e) ** 2


def tanh_derivative_from_output(output):
    return 1 - output**2


# %% tanh-derivative | wrong | from x: 1 / cosh without the square
def tanh_derivative(x):
    e = np.exp(-np.abs(np.asarray(x, dtype=float)))
    return 2 * e / (1 + e**2)


def tanh_derivative_from_output(output):
    return 1 - output**2


# %% tanh-derivative | wrong | from x: a plus, 1 + tanh^2
def tanh_derivative(x):
    return 1 + np.tanh(x) ** 2


def tanh_derivative_from_output(output):
    return 1 - output**2


# %% tanh-derivative | wrong | from the output: the square is missing
def tanh_derivative(x):
    e = np.exp(-2 * np.abs(np.asarray(x, dtype=float)))
    return 4 * e / (1 + e) ** 2


def tanh_derivative_from_output(output):
    return 1 - output


# %% tanh-derivative | wrong | from the output: applies tanh once more
def tanh_derivative(x):
    e = np.exp(-2 * np.abs(np.asarray(x, dtype=float)))
    return 4 * e / (1 + e) ** 2


def tanh_derivative_from_output(output):
    return 1 - np.tanh(output) ** 2


# %% tanh-derivative | wrong | from the output: output * (1 - output), the formula of sigmoid
def tanh_derivative(x):
    e = np.exp(-2 * np.abs(np.asarray(x, dtype=float)))
    return 4 * e / (1 + e) ** 2


def tanh_derivative_from_output(output):
    return output * (1 - output)


# %% tanh-derivative | wrong | from the output: the square of the difference
def tanh_derivative(x):
    e = np.exp(-2 * np.abs(np.asarray(x, dtype=float)))
    return 4 * e / (1 + e) ** 2


def tanh_derivative_from_output(output):
    return (1 - output) ** 2


# %% tanh-derivative | right | through sigmoid
def tanh_derivative(x):
    x = np.asarray(x, dtype=float)
    return 4 * sigmoid(2 * x) * sigmoid(-2 * x)


def tanh_derivative_from_output(output):
    return (1 - output) * (1 + output)


# %% tanh-derivative | right | the hyperbolic secant, with x held where it can't overflow
def tanh_derivative(x):
    return np.cosh(np.clip(x, -400, 400)) ** -2.0


def tanh_derivative_from_output(output):
    return np.vectorize(lambda t: 1 - t * t, otypes=[float])(output)


# %% tanh-derivative | right | four times the slope of sigmoid, of exercise 1.9
def tanh_derivative(x):
    return 4 * sigmoid_derivative(2 * np.asarray(x, dtype=float))


def tanh_derivative_from_output(output):
    return 4 * sigmoid_derivative_from_output((1 + np.asarray(output)) / 2)


# %% tanh-derivative | right | in place on copies, with a branch for each sign
def tanh_derivative(x):
    x = np.array(x, dtype=float)
    e = np.where(x < 0, x, -x)
    e *= 2
    np.exp(e, out=e)
    bottom = 1 + e
    bottom *= bottom
    e *= 4
    e /= bottom
    return e


def tanh_derivative_from_output(output):
    result = np.array(output, dtype=float)
    result *= -result
    result += 1
    return result


# %% tanh-derivative | wrong | from x: sigmoid at x, not at 2x
def tanh_derivative(x):
    return 4 * sigmoid(x) * sigmoid(-x)


def tanh_derivative_from_output(output):
    return 1 - output**2


# %% tanh-derivative | wrong | from x: the slopes are divided, not the quotient rule
def tanh_derivative(x):
    return 1 / np.tanh(x)


def tanh_derivative_from_output(output):
    return 1 - output**2


# %% tanh-derivative | wrong | from x: cosh overflows
def tanh_derivative(x):
    return 1 / np.cosh(x) ** 2


def tanh_derivative_from_output(output):
    return 1 - output**2


# %% tanh-derivative | wrong | from the output: twice the output for its square
def tanh_derivative(x):
    e = np.exp(-2 * np.abs(np.asarray(x, dtype=float)))
    return 4 * e / (1 + e) ** 2


def tanh_derivative_from_output(output):
    return 1 - output * 2


# %% leaky-relu | wrong | max(x, alpha * x), wrong for alpha above 1
def leaky_relu(x, alpha=0.01):
    x = as_float(x)
    return np.maximum(x, alpha * x).astype(x.dtype)


def leaky_relu_derivative(x, alpha=0.01):
    x = as_float(x)
    return np.where(x > 0, 1, alpha).astype(x.dtype)


# %% leaky-relu | wrong | leaky_relu: alpha is ignored
def leaky_relu(x, alpha=0.01):
    x = as_float(x)
    return np.where(x > 0, x, 0.01 * x).astype(x.dtype)


def leaky_relu_derivative(x, alpha=0.01):
    x = as_float(x)
    return np.where(x > 0, 1, alpha).astype(x.dtype)


# %% leaky-relu | wrong | leaky_relu: plain ReLU
def leaky_relu(x, alpha=0.01):
    return np.maximum(as_float(x), 0)


def leaky_relu_derivative(x, alpha=0.01):
    x = as_float(x)
    return np.where(x > 0, 1, alpha).astype(x.dtype)


# %% leaky-relu | wrong | leaky_relu: returns alpha, not alpha * x
def leaky_relu(x, alpha=0.01):
    x = as_float(x)
    return np.where(x > 0, x, alpha).astype(x.dtype)


def leaky_relu_derivative(x, alpha=0.01):
    x = as_float(x)
    return np.where(x > 0, 1, alpha).astype(x.dtype)


# %% leaky-relu | wrong | leaky_relu: minus alpha * x
def leaky_relu(x, alpha=0.01):
    x = as_float(x)
    return np.where(x > 0, x, -alpha * x).astype(x.dtype)


def leaky_relu_derivative(x, alpha=0.01):
    x = as_float(x)
    return np.where(x > 0, 1, alpha).astype(x.dtype)


# %% leaky-relu | wrong | leaky_relu: another default for alpha
def leaky_relu(x, alpha=0.1):
    x = as_float(x)
    return np.where(x > 0, x, alpha * x).astype(x.dtype)


def leaky_relu_derivative(x, alpha=0.01):
    x = as_float(x)
    return np.where(x > 0, 1, alpha).astype(x.dtype)


# %% leaky-relu | wrong | leaky_relu: scales entries of the caller's array
def leaky_relu(x, alpha=0.01):
    x = np.asarray(x, dtype=float)
    x[x < 0] *= alpha
    return x


def leaky_relu_derivative(x, alpha=0.01):
    x = as_float(x)
    return np.where(x > 0, 1, alpha).astype(x.dtype)


# %% leaky-relu | wrong | trap: leaky_relu_derivative turns float32 into float64
def leaky_relu(x, alpha=0.01):
    return np.where(x > 0, x, alpha * x)


def leaky_relu_derivative(x, alpha=0.01):
    return np.where(np.asarray(x) > 0, 1, alpha)


# %% leaky-relu | wrong | derivative: 1 at the kink
def leaky_relu(x, alpha=0.01):
    x = as_float(x)
    return np.where(x > 0, x, alpha * x).astype(x.dtype)


def leaky_relu_derivative(x, alpha=0.01):
    x = as_float(x)
    return np.where(x >= 0, 1, alpha).astype(x.dtype)


# %% leaky-relu | wrong | derivative: 0 at the kink, as for ReLU
def leaky_relu(x, alpha=0.01):
    x = as_float(x)
    return np.where(x > 0, x, alpha * x).astype(x.dtype)


def leaky_relu_derivative(x, alpha=0.01):
    x = as_float(x)
    return np.where(x > 0, 1, np.where(x < 0, alpha, 0)).astype(x.dtype)


# %% leaky-relu | wrong | derivative: 0 for negative x, as for ReLU
def leaky_relu(x, alpha=0.01):
    x = as_float(x)
    return np.where(x > 0, x, alpha * x).astype(x.dtype)


def leaky_relu_derivative(x, alpha=0.01):
    x = as_float(x)
    return (x > 0).astype(x.dtype)


# %% leaky-relu | wrong | derivative: alpha * x for negative x
def leaky_relu(x, alpha=0.01):
    x = as_float(x)
    return np.where(x > 0, x, alpha * x).astype(x.dtype)


def leaky_relu_derivative(x, alpha=0.01):
    x = as_float(x)
    return np.where(x > 0, 1, alpha * x).astype(x.dtype)


# %% leaky-relu | wrong | derivative: the slopes are swapped
def leaky_relu(x, alpha=0.01):
    x = as_float(x)
    return np.where(x > 0, x, alpha * x).astype(x.dtype)


def leaky_relu_derivative(x, alpha=0.01):
    x = as_float(x)
    return np.where(x > 0, alpha, 1).astype(x.dtype)


# %% leaky-relu | wrong | derivative: alpha is cut off in an array of integers
def leaky_relu(x, alpha=0.01):
    x = as_float(x)
    return np.where(x > 0, x, alpha * x).astype(x.dtype)


def leaky_relu_derivative(x, alpha=0.01):
    slope = np.ones_like(x)
    slope[np.asarray(x) <= 0] = alpha
    return slope


# %% leaky-relu | wrong | leaky_relu: alpha * x is added for positive x too
def leaky_relu(x, alpha=0.01):
    return relu(x) + alpha * as_float(x)


def leaky_relu_derivative(x, alpha=0.01):
    x = as_float(x)
    return np.where(x > 0, 1, alpha).astype(x.dtype)


# %% leaky-relu | wrong | leaky_relu: integers stay integers for an integer alpha
def leaky_relu(x, alpha=0.01):
    return np.where(np.asarray(x) > 0, x, alpha * np.asarray(x))


def leaky_relu_derivative(x, alpha=0.01):
    x = as_float(x)
    return np.where(x > 0, 1, alpha).astype(x.dtype)


# %% leaky-relu | wrong | leaky_relu: float32 becomes float64
def leaky_relu(x, alpha=0.01):
    x = np.asarray(x)
    return np.where(x > 0, x, np.float64(alpha) * x)


def leaky_relu_derivative(x, alpha=0.01):
    x = as_float(x)
    return np.where(x > 0, 1, alpha).astype(x.dtype)


# %% leaky-relu | wrong | derivative: minus alpha for negative x
def leaky_relu(x, alpha=0.01):
    x = as_float(x)
    return np.where(x > 0, x, alpha * x).astype(x.dtype)


def leaky_relu_derivative(x, alpha=0.01):
    x = as_float(x)
    return np.where(x > 0, 1, -alpha).astype(x.dtype)


# %% leaky-relu | wrong | derivative: another default for alpha
def leaky_relu(x, alpha=0.01):
    x = as_float(x)
    return np.where(x > 0, x, alpha * x).astype(x.dtype)


def leaky_relu_derivative(x, alpha=0.1):
    x = as_float(x)
    return np.where(x > 0, 1, alpha).astype(x.dtype)


# %% leaky-relu | wrong | derivative: asks which of x and alpha * x is larger
def leaky_relu(x, alpha=0.01):
    x = as_float(x)
    return np.where(x > 0, x, alpha * x).astype(x.dtype)


def leaky_relu_derivative(x, alpha=0.01):
    x = as_float(x)
    return np.where(x > alpha * x, 1, alpha).astype(x.dtype)


# %% leaky-relu | right | from ReLU's two halves
def leaky_relu(x, alpha=0.01):
    x = as_float(x)
    return np.maximum(x, 0) + alpha * np.minimum(x, 0)


def leaky_relu_derivative(x, alpha=0.01):
    x = as_float(x)
    positive = (x > 0).astype(x.dtype)
    return positive + alpha * (1 - positive)


# %% leaky-relu | right | calls ReLU of exercise 1.7
def leaky_relu(x, alpha=0.01):
    return relu(x) - alpha * relu(-as_float(x))


def leaky_relu_derivative(x, alpha=0.01):
    on = relu_derivative(x)
    return on + alpha * (1 - on)


# %% leaky-relu | right | boolean indexing on copies
def leaky_relu(x, alpha=0.01):
    result = np.array(as_float(x))
    result[result <= 0] *= alpha
    return result


def leaky_relu_derivative(x, alpha=0.01):
    x = as_float(x)
    slope = np.ones_like(x)
    slope[x <= 0] = alpha
    print(slope)
    return slope


# %% leaky-relu | right | the value is x times the slope
def leaky_relu(x, alpha=0.01):
    return as_float(x) * leaky_relu_derivative(x, alpha)


def leaky_relu_derivative(x, alpha=0.01):
    x = as_float(x)
    slopes = [1.0 if t > 0 else alpha for t in x.ravel()]
    return np.array(slopes, dtype=x.dtype).reshape(x.shape)


# %% modern-activations-derivatives | wrong | softplus: the inner derivative is missing
def softplus_derivative(x):
    return 1 / (1 + np.exp(x))


def silu_derivative(x):
    s = sigmoid(x)
    return s + x * s * (1 - s)


def gelu_derivative(x):
    c = np.sqrt(2 / np.pi)
    t = np.tanh(c * (x + 0.044715 * x**3))
    return 0.5 * (1 + t) + 0.5 * x * (1 - t**2) * c * (1 + 3 * 0.044715 * x**2)


# %% modern-activations-derivatives | wrong | softplus: returns softplus itself
def softplus_derivative(x):
    return np.log1p(np.exp(x))


def silu_derivative(x):
    s = sigmoid(x)
    return s + x * s * (1 - s)


def gelu_derivative(x):
    c = np.sqrt(2 / np.pi)
    t = np.tanh(c * (x + 0.044715 * x**3))
    return 0.5 * (1 + t) + 0.5 * x * (1 - t**2) * c * (1 + 3 * 0.044715 * x**2)


# %% modern-activations-derivatives | wrong | softplus: the slope of sigmoid
def softplus_derivative(x):
    s = sigmoid(x)
    return s * (1 - s)


def silu_derivative(x):
    s = sigmoid(x)
    return s + x * s * (1 - s)


def gelu_derivative(x):
    c = np.sqrt(2 / np.pi)
    t = np.tanh(c * (x + 0.044715 * x**3))
    return 0.5 * (1 + t) + 0.5 * x * (1 - t**2) * c * (1 + 3 * 0.044715 * x**2)


# %% modern-activations-derivatives | wrong | silu: only the first term of the product rule
def softplus_derivative(x):
    return sigmoid(x)


def silu_derivative(x):
    return sigmoid(x)


def gelu_derivative(x):
    c = np.sqrt(2 / np.pi)
    t = np.tanh(c * (x + 0.044715 * x**3))
    return 0.5 * (1 + t) + 0.5 * x * (1 - t**2) * c * (1 + 3 * 0.044715 * x**2)


# %% modern-activations-derivatives | wrong | silu: only the second term of the product rule
def softplus_derivative(x):
    return sigmoid(x)


def silu_derivative(x):
    s = sigmoid(x)
    return x * s * (1 - s)


def gelu_derivative(x):
    c = np.sqrt(2 / np.pi)
    t = np.tanh(c * (x + 0.044715 * x**3))
    return 0.5 * (1 + t) + 0.5 * x * (1 - t**2) * c * (1 + 3 * 0.044715 * x**2)


# %% modern-activations-derivatives | wrong | silu: the second term lacks its x
def softplus_derivative(x):
    return sigmoid(x)


def silu_derivative(x):
    s = sigmoid(x)
    return s + s * (1 - s)


def gelu_derivative(x):
    c = np.sqrt(2 / np.pi)
    t = np.tanh(c * (x + 0.044715 * x**3))
    return 0.5 * (1 + t) + 0.5 * x * (1 - t**2) * c * (1 + 3 * 0.044715 * x**2)


# %% modern-activations-derivatives | wrong | silu: measured by a central difference
def softplus_derivative(x):
    return sigmoid(x)


def silu_derivative(x):
    up, down = x + 1e-6, x - 1e-6
    return (up * sigmoid(up) - down * sigmoid(down)) / 2e-6


def gelu_derivative(x):
    c = np.sqrt(2 / np.pi)
    t = np.tanh(c * (x + 0.044715 * x**3))
    return 0.5 * (1 + t) + 0.5 * x * (1 - t**2) * c * (1 + 3 * 0.044715 * x**2)


# %% modern-activations-derivatives | wrong | gelu: the inner derivative is missing
def softplus_derivative(x):
    return sigmoid(x)


def silu_derivative(x):
    s = sigmoid(x)
    return s + x * s * (1 - s)


def gelu_derivative(x):
    t = np.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * x**3))
    return 0.5 * (1 + t) + 0.5 * x * (1 - t**2)


# %% modern-activations-derivatives | wrong | gelu: the 3 of the cubic term is missing
def softplus_derivative(x):
    return sigmoid(x)


def silu_derivative(x):
    s = sigmoid(x)
    return s + x * s * (1 - s)


def gelu_derivative(x):
    c = np.sqrt(2 / np.pi)
    t = np.tanh(c * (x + 0.044715 * x**3))
    return 0.5 * (1 + t) + 0.5 * x * (1 - t**2) * c * (1 + 0.044715 * x**2)


# %% modern-activations-derivatives | wrong | gelu: sech instead of its square
def softplus_derivative(x):
    return sigmoid(x)


def silu_derivative(x):
    s = sigmoid(x)
    return s + x * s * (1 - s)


def gelu_derivative(x):
    c = np.sqrt(2 / np.pi)
    t = np.tanh(c * (x + 0.044715 * x**3))
    return 0.5 * (1 + t) + 0.5 * x * (1 - t) * c * (1 + 3 * 0.044715 * x**2)


# %% modern-activations-derivatives | wrong | gelu: x times the normal density, of the exact form
import math


def softplus_derivative(x):
    return sigmoid(x)


def silu_derivative(x):
    s = sigmoid(x)
    return s + x * s * (1 - s)


def gelu_derivative(x):
    below = np.vectorize(lambda t: 0.5 * (1 + math.erf(t / math.sqrt(2))))(x)
    return below + x * np.exp(-(x**2) / 2) / np.sqrt(2 * np.pi)


# %% modern-activations-derivatives | wrong | gelu: the approximation by sigmoid(1.702 x)
def softplus_derivative(x):
    return sigmoid(x)


def silu_derivative(x):
    s = sigmoid(x)
    return s + x * s * (1 - s)


def gelu_derivative(x):
    s = 1 / (1 + np.exp(-1.702 * x))
    return s + 1.702 * x * s * (1 - s)


# %% modern-activations-derivatives | wrong | softplus: the inner derivative alone
def softplus_derivative(x):
    return np.exp(x)


def silu_derivative(x):
    s = sigmoid(x)
    return s + x * s * (1 - s)


def gelu_derivative(x):
    c = np.sqrt(2 / np.pi)
    t = np.tanh(c * (x + 0.044715 * x**3))
    return 0.5 * (1 + t) + 0.5 * x * (1 - t**2) * c * (1 + 3 * 0.044715 * x**2)


# %% modern-activations-derivatives | wrong | silu: x multiplies both terms
def softplus_derivative(x):
    return sigmoid(x)


def silu_derivative(x):
    return x * (sigmoid(x) + sigmoid_derivative(x))


def gelu_derivative(x):
    c = np.sqrt(2 / np.pi)
    t = np.tanh(c * (x + 0.044715 * x**3))
    return 0.5 * (1 + t) + 0.5 * x * (1 - t**2) * c * (1 + 3 * 0.044715 * x**2)


# %% modern-activations-derivatives | wrong | silu: the square of sigmoid for its slope
def softplus_derivative(x):
    return sigmoid(x)


def silu_derivative(x):
    s = sigmoid(x)
    return s * (1 + x * s)


def gelu_derivative(x):
    c = np.sqrt(2 / np.pi)
    t = np.tanh(c * (x + 0.044715 * x**3))
    return 0.5 * (1 + t) + 0.5 * x * (1 - t**2) * c * (1 + 3 * 0.044715 * x**2)


# %% modern-activations-derivatives | wrong | silu: the product of the slopes
def softplus_derivative(x):
    return sigmoid(x)


def silu_derivative(x):
    return sigmoid_derivative(x)


def gelu_derivative(x):
    c = np.sqrt(2 / np.pi)
    t = np.tanh(c * (x + 0.044715 * x**3))
    return 0.5 * (1 + t) + 0.5 * x * (1 - t**2) * c * (1 + 3 * 0.044715 * x**2)


# %% modern-activations-derivatives | wrong | gelu: 0.44715 is typed for 0.044715
def softplus_derivative(x):
    return sigmoid(x)


def silu_derivative(x):
    s = sigmoid(x)
    return s + x * s * (1 - s)


def gelu_derivative(x):
    c = np.sqrt(2 / np.pi)
    t = np.tanh(c * (x + 0.44715 * x**3))
    return 0.5 * (1 + t) + 0.5 * x * (1 - t**2) * c * (1 + 3 * 0.44715 * x**2)


# %% modern-activations-derivatives | wrong | gelu: the factor 1/2 of the second term is missing
def softplus_derivative(x):
    return sigmoid(x)


def silu_derivative(x):
    s = sigmoid(x)
    return s + x * s * (1 - s)


def gelu_derivative(x):
    c = np.sqrt(2 / np.pi)
    t = np.tanh(c * (x + 0.044715 * x**3))
    return 0.5 * (1 + t) + x * (1 - t**2) * c * (1 + 3 * 0.044715 * x**2)


# %% modern-activations-derivatives | wrong | gelu: the slope of tanh is taken at x
def softplus_derivative(x):
    return sigmoid(x)


def silu_derivative(x):
    s = sigmoid(x)
    return s + x * s * (1 - s)


def gelu_derivative(x):
    c = np.sqrt(2 / np.pi)
    t = np.tanh(c * (x + 0.044715 * x**3))
    return 0.5 * (1 + t) + 0.5 * x * (1 - np.tanh(x) ** 2) * c * (1 + 3 * 0.044715 * x**2)


# %% modern-activations-derivatives | wrong | gelu: the inner derivative lacks its root
def softplus_derivative(x):
    return sigmoid(x)


def silu_derivative(x):
    s = sigmoid(x)
    return s + x * s * (1 - s)


def gelu_derivative(x):
    c = np.sqrt(2 / np.pi)
    t = np.tanh(c * (x + 0.044715 * x**3))
    return 0.5 * (1 + t) + 0.5 * x * (1 - t**2) * (1 + 3 * 0.044715 * x**2)


# %% modern-activations-derivatives | wrong | gelu: the constants are rounded
def softplus_derivative(x):
    return sigmoid(x)


def silu_derivative(x):
    s = sigmoid(x)
    return s + x * s * (1 - s)


def gelu_derivative(x):
    c = np.sqrt(2 / np.pi)
    t = np.tanh(c * (x + 0.0447 * x**3))
    return 0.5 * (1 + t) + 0.5 * x * (1 - t**2) * c * (1 + 3 * 0.0447 * x**2)


# %% modern-activations-derivatives | right | all of them through sigmoid
def softplus_derivative(x):
    return 1 - sigmoid(-np.asarray(x, dtype=float))


def silu_derivative(x):
    s = sigmoid(x)
    return s * (1 + x * (1 - s))


def gelu_derivative(x):
    c = 2 * np.sqrt(2 / np.pi)
    s = sigmoid(c * (x + 0.044715 * x**3))
    return s + x * s * (1 - s) * c * (1 + 0.134145 * x**2)


# %% modern-activations-derivatives | right | calls the slopes of exercises 1.9 and 1.10
def softplus_derivative(x):
    return sigmoid(x)


def silu_derivative(x):
    return sigmoid(x) + x * sigmoid_derivative(x)


def gelu_derivative(x):
    c = np.sqrt(2 / np.pi)
    u, du = c * (x + 0.044715 * x**3), c * (1 + 3 * 0.044715 * x**2)
    return 0.5 * (1 + np.tanh(u)) + 0.5 * x * tanh_derivative(u) * du


# %% modern-activations-derivatives | right | the complex step
def complex_step(f):
    return lambda x: np.imag(f(np.asarray(x) + 1e-30j)) / 1e-30


@complex_step
def softplus_derivative(x):
    return np.log(1 + np.exp(x))


@complex_step
def silu_derivative(x):
    return x / (1 + np.exp(-x))


@complex_step
def gelu_derivative(x):
    return 0.5 * x * (1 + np.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * x * x * x)))


# %% newton-root | wrong | a plus where the step is subtracted
def newton_root(f, df, x0, tol=1e-12, max_steps=50):
    x = float(x0)
    for _ in range(max_steps):
        value, slope = f(x), df(x)
        if value == 0:
            return x
        if slope == 0 or not (np.isfinite(value) and np.isfinite(slope)):
            raise RuntimeError(f"stuck at {x}")
        step = value / slope
        x += step
        if abs(step) <= tol * max(1, abs(x)):
            return x
    raise RuntimeError("no convergence")


# %% newton-root | wrong | the fraction is upside down
def newton_root(f, df, x0, tol=1e-12, max_steps=50):
    x = float(x0)
    for _ in range(max_steps):
        value, slope = f(x), df(x)
        if value == 0:
            return x
        if slope == 0 or not (np.isfinite(value) and np.isfinite(slope)):
            raise RuntimeError(f"stuck at {x}")
        step = slope / value
        x -= step
        if abs(step) <= tol * max(1, abs(x)):
            return x
    raise RuntimeError("no convergence")


# %% newton-root | wrong | asks for the slope before it asks whether it is done
def newton_root(f, df, x0, tol=1e-12, max_steps=50):
    x = float(x0)
    for _ in range(max_steps):
        value, slope = f(x), df(x)
        if slope == 0 or not (np.isfinite(value) and np.isfinite(slope)):
            raise RuntimeError(f"stuck at {x}")
        if value == 0:
            return x
        step = value / slope
        x -= step
        if abs(step) <= tol * max(1, abs(x)):
            return x
    raise RuntimeError("no convergence")


# %% newton-root | wrong | stops on a small value, not on a small step
def newton_root(f, df, x0, tol=1e-12, max_steps=50):
    x = float(x0)
    for _ in range(max_steps):
        value = f(x)
        if abs(value) <= tol:
            return x
        slope = df(x)
        if slope == 0 or not (np.isfinite(value) and np.isfinite(slope)):
            raise RuntimeError(f"stuck at {x}")
        x -= value / slope
    raise RuntimeError("no convergence")


# %% newton-root | wrong | the tolerance is absolute
def newton_root(f, df, x0, tol=1e-12, max_steps=50):
    x = float(x0)
    for _ in range(max_steps):
        value, slope = f(x), df(x)
        if value == 0:
            return x
        if slope == 0 or not (np.isfinite(value) and np.isfinite(slope)):
            raise RuntimeError(f"stuck at {x}")
        step = value / slope
        x -= step
        if abs(step) <= tol:
            return x
    raise RuntimeError("no convergence")


# %% newton-root | wrong | tol is ignored
def newton_root(f, df, x0, tol=1e-12, max_steps=50):
    x = float(x0)
    for _ in range(max_steps):
        value, slope = f(x), df(x)
        if value == 0:
            return x
        if slope == 0 or not (np.isfinite(value) and np.isfinite(slope)):
            raise RuntimeError(f"stuck at {x}")
        step = value / slope
        x -= step
        if abs(step) <= 1e-12 * max(1, abs(x)):
            return x
    raise RuntimeError("no convergence")


# %% newton-root | wrong | the last x is returned though nothing converged
def newton_root(f, df, x0, tol=1e-12, max_steps=50):
    x = float(x0)
    for _ in range(max_steps):
        value, slope = f(x), df(x)
        if value == 0:
            return x
        if slope == 0 or not (np.isfinite(value) and np.isfinite(slope)):
            raise RuntimeError(f"stuck at {x}")
        step = value / slope
        x -= step
        if abs(step) <= tol * max(1, abs(x)):
            return x
    return x


# %% newton-root | wrong | runs past max_steps
def newton_root(f, df, x0, tol=1e-12, max_steps=50):
    x = float(x0)
    for _ in range(1000):
        value, slope = f(x), df(x)
        if value == 0:
            return x
        if slope == 0 or not (np.isfinite(value) and np.isfinite(slope)):
            raise RuntimeError(f"stuck at {x}")
        step = value / slope
        x -= step
        if abs(step) <= tol * max(1, abs(x)):
            return x
    raise RuntimeError("no convergence")


# %% newton-root | wrong | a slope of 0 ends in ZeroDivisionError
def newton_root(f, df, x0, tol=1e-12, max_steps=50):
    x = float(x0)
    for _ in range(max_steps):
        value, slope = f(x), df(x)
        if value == 0:
            return x
        if not (np.isfinite(value) and np.isfinite(slope)):
            raise RuntimeError(f"stuck at {x}")
        step = value / slope
        x -= step
        if abs(step) <= tol * max(1, abs(x)):
            return x
    raise RuntimeError("no convergence")


# %% newton-root | wrong | an infinite slope counts as success
def newton_root(f, df, x0, tol=1e-12, max_steps=50):
    x = float(x0)
    for _ in range(max_steps):
        value, slope = f(x), df(x)
        if value == 0:
            return x
        if slope == 0:
            raise RuntimeError(f"zero slope at {x}")
        step = value / slope
        x -= step
        if abs(step) <= tol * max(1, abs(x)):
            return x
    raise RuntimeError("no convergence")


# %% newton-root | wrong | ValueError instead of RuntimeError
def newton_root(f, df, x0, tol=1e-12, max_steps=50):
    x = float(x0)
    for _ in range(max_steps):
        value, slope = f(x), df(x)
        if value == 0:
            return x
        if slope == 0 or not (np.isfinite(value) and np.isfinite(slope)):
            raise ValueError(f"stuck at {x}")
        step = value / slope
        x -= step
        if abs(step) <= tol * max(1, abs(x)):
            return x
    raise ValueError("no convergence")


# %% newton-root | wrong | returns None instead of raising
def newton_root(f, df, x0, tol=1e-12, max_steps=50):
    x = float(x0)
    for _ in range(max_steps):
        value, slope = f(x), df(x)
        if value == 0:
            return x
        if slope == 0 or not (np.isfinite(value) and np.isfinite(slope)):
            return None
        step = value / slope
        x -= step
        if abs(step) <= tol * max(1, abs(x)):
            return x


# %% newton-root | wrong | bisection, which needs no slope
def newton_root(f, df, x0, tol=1e-12, max_steps=50):
    low, high = x0 - 10.0, x0 + 10.0
    if f(low) * f(high) > 0:
        raise RuntimeError("no change of sign")
    while high - low > tol:
        middle = (low + high) / 2
        if f(low) * f(middle) <= 0:
            high = middle
        else:
            low = middle
        if middle in (low, high) and high - low < 1e-15:
            break
    return (low + high) / 2


# %% newton-root | right | recursion
def newton_root(f, df, x0, tol=1e-12, max_steps=50):
    value = f(x0)
    if value == 0:
        return float(x0)
    if max_steps <= 0:
        raise RuntimeError("the steps are used up")
    slope = df(x0)
    if slope == 0:
        raise RuntimeError("the slope is 0")
    if not np.isfinite([value, slope]).all():
        raise RuntimeError("not finite")
    x = float(x0 - value / slope)
    if not np.isfinite(x):
        raise RuntimeError("the step is not finite")
    if abs(x - x0) <= tol * max(1.0, abs(x)):
        return x
    return newton_root(f, df, x, tol, max_steps - 1)


# %% newton-root | right | a while loop, helpers, the math module
import math


def usable(number):
    return not (math.isnan(number) or math.isinf(number))


def newton_root(f, df, x0, tol=1e-12, max_steps=50):
    x, steps = float(x0), 0
    while steps < max_steps:
        steps += 1
        value = float(f(x))
        if value == 0.0:
            return x
        slope = float(df(x))
        if not usable(value) or not usable(slope):
            raise RuntimeError("f or its slope is not finite")
        if slope == 0.0:
            raise RuntimeError("the slope is zero")
        old, x = x, x - value / slope
        print(steps, x)
        if not usable(x):
            raise RuntimeError("x ran away")
        if abs(x - old) <= tol * max(1.0, abs(old)):
            return x
    raise RuntimeError(f"max_steps = {max_steps} were not enough")


# %% power-slope-hunt | wrong | mended, but the proof is the old one, where it is right
def power_slope(x, n):
    if n == 0:
        return 0.0
    return n * float(x) ** (n - 1)


def counterexample_1():
    return (2.0, 3)


# %% power-slope-hunt | wrong | mended, but n = 2 at 0 proves nothing
def power_slope(x, n):
    if n == 0:
        return 0.0
    return n * float(x) ** (n - 1)


def counterexample_1():
    return (0.0, 2)


# %% power-slope-hunt | wrong | mended, but n = 0 at 0 proves nothing
def power_slope(x, n):
    if n == 0:
        return 0.0
    return n * float(x) ** (n - 1)


def counterexample_1():
    return (0.0, 0)


# %% power-slope-hunt | wrong | mended, but the proof is a negative n, which is not allowed
def power_slope(x, n):
    if n == 0:
        return 0.0
    return n * float(x) ** (n - 1)


def counterexample_1():
    return (0.0, -1)


# %% power-slope-hunt | wrong | mended, but the arguments are in the wrong order
def power_slope(x, n):
    if n == 0:
        return 0.0
    return n * float(x) ** (n - 1)


def counterexample_1():
    return (1, 0.0)


# %% power-slope-hunt | wrong | mended, but the proof returns nothing
def power_slope(x, n):
    if n == 0:
        return 0.0
    return n * float(x) ** (n - 1)


def counterexample_1():
    print((0.0, 1))


# %% power-slope-hunt | wrong | proved, but not mended
def power_slope(x, n):
    if x == 0:
        return 0.0
    return n * float(x) ** (n - 1)


def counterexample_1():
    return (0.0, 1)


# %% power-slope-hunt | wrong | proved, but mended to 1 at 0 for every n
def power_slope(x, n):
    if x == 0:
        return 1.0
    return n * float(x) ** (n - 1)


def counterexample_1():
    return (0.0, 1)


# %% power-slope-hunt | wrong | proved, but n = 0 at 0 divides by zero now
def power_slope(x, n):
    return n * float(x) ** (n - 1)


def counterexample_1():
    return (0.0, 1)


# %% power-slope-hunt | wrong | proved, but n = 1 gives 1 and n = 0 at other x is lost
def power_slope(x, n):
    if n <= 1:
        return 1.0
    return n * float(x) ** (n - 1)


def counterexample_1():
    return (0.0, 1)


# %% power-slope-hunt | right | the exponent 1 is treated apart
def power_slope(x, n):
    if n == 1:
        return 1.0
    if x == 0:
        return 0.0
    return n * float(x) ** (n - 1)


def counterexample_1():
    return 0, 1


# %% power-slope-hunt | right | a product of n - 1 factors
import math


def power_slope(x, n):
    return math.prod([float(x)] * (n - 1)) * n if n else 0.0


def counterexample_1():
    return (-0.0, 1.0)


# %% power-slope-hunt | right | calls the answer to exercise 1.3
def power_slope(x, n):
    return float(power_derivative(x, n))


def counterexample_1():
    return (np.float64(0.0), np.int64(1))


# %% measured-slope-hunt | wrong | mended, but the proof is the old one, where it is right
def measured_slope(f, x):
    h = 1e-6 * max(1.0, abs(x))
    return (f(x + h) - f(x - h)) / (2 * h)


def counterexample_2():
    return 3.0


# %% measured-slope-hunt | wrong | mended, but x = 0 proves nothing
def measured_slope(f, x):
    h = 1e-6 * max(1.0, abs(x))
    return (f(x + h) - f(x - h)) / (2 * h)


def counterexample_2():
    return 0.0


# %% measured-slope-hunt | wrong | mended, but x = 100 is not large enough
def measured_slope(f, x):
    h = 1e-6 * max(1.0, abs(x))
    return (f(x + h) - f(x - h)) / (2 * h)


def counterexample_2():
    return 100.0


# %% measured-slope-hunt | wrong | mended, but infinity has no slope
def measured_slope(f, x):
    h = 1e-6 * max(1.0, abs(x))
    return (f(x + h) - f(x - h)) / (2 * h)


def counterexample_2():
    return np.inf


# %% measured-slope-hunt | wrong | proved, but not mended
def measured_slope(f, x):
    h = 1e-6
    return (f(x + h) - f(x - h)) / (2 * h)


def counterexample_2():
    return 1e12


# %% measured-slope-hunt | wrong | proved, but mended with a smaller step
def measured_slope(f, x):
    h = 1e-12
    return (f(x + h) - f(x - h)) / (2 * h)


def counterexample_2():
    return 1e12


# %% measured-slope-hunt | wrong | proved, but the step shrinks as x grows
def measured_slope(f, x):
    h = 1e-6 / max(1.0, abs(x))
    return (f(x + h) - f(x - h)) / (2 * h)


def counterexample_2():
    return 1e12


# %% measured-slope-hunt | wrong | proved, but the step is one large number
def measured_slope(f, x):
    h = 1.0
    return (f(x + h) - f(x - h)) / (2 * h)


def counterexample_2():
    return 1e12


# %% measured-slope-hunt | wrong | proved, but the step is 0 at x = 0
def measured_slope(f, x):
    h = 1e-6 * abs(x)
    return (f(x + h) - f(x - h)) / (2 * h)


def counterexample_2():
    return 1e12


# %% measured-slope-hunt | wrong | proved, but large negative numbers are forgotten
def measured_slope(f, x):
    h = 1e-6 * max(1.0, x)
    return (f(x + h) - f(x - h)) / (2 * h)


def counterexample_2():
    return 1e12


# %% measured-slope-hunt | wrong | proved, but mended for squares only
def measured_slope(f, x):
    return 2 * x


def counterexample_2():
    return 1e12


# %% measured-slope-hunt | right | the step grows by 1 + |x|, and is measured as rounded
def measured_slope(f, x):
    h = np.cbrt(np.finfo(float).eps) * (1 + abs(x))
    up, down = x + h, x - h
    return (f(up) - f(down)) / (up - down)


def counterexample_2():
    return -(10**9)


# %% measured-slope-hunt | right | calls the answer to exercise 1.2 with a relative step
def measured_slope(f, x):
    size = abs(x) if x else 1.0
    return central_difference(f, x, 1e-5 * size)


def counterexample_2():
    return np.float64(3e7)


# %% leaky-slope-hunt | wrong | mended, but the proof is the old one, where it is right
def leaky_slope(x, alpha):
    return 1.0 if x > 0 else alpha


def counterexample_3():
    return (1.0, 0.1)


# %% leaky-slope-hunt | wrong | mended, but alpha = 1 proves nothing
def leaky_slope(x, alpha):
    return 1.0 if x > 0 else alpha


def counterexample_3():
    return (-2.0, 1.0)


# %% leaky-slope-hunt | wrong | mended, but a negative alpha proves nothing
def leaky_slope(x, alpha):
    return 1.0 if x > 0 else alpha


def counterexample_3():
    return (-1.0, -3.0)


# %% leaky-slope-hunt | wrong | mended, but at the kink there is nothing to measure
def leaky_slope(x, alpha):
    return 1.0 if x > 0 else alpha


def counterexample_3():
    return (0.0, 2.0)


# %% leaky-slope-hunt | wrong | mended, but the proof is a list with one number
def leaky_slope(x, alpha):
    return 1.0 if x > 0 else alpha


def counterexample_3():
    return [2.0]


# %% leaky-slope-hunt | wrong | proved, but not mended
def leaky_slope(x, alpha):
    return 1.0 if x > alpha * x else alpha


def counterexample_3():
    return (1.0, 2.0)


# %% leaky-slope-hunt | wrong | proved, but the comparison is turned round
def leaky_slope(x, alpha):
    return 1.0 if x < alpha * x else alpha


def counterexample_3():
    return (1.0, 2.0)


# %% leaky-slope-hunt | wrong | proved, but the kink has slope 1 now
def leaky_slope(x, alpha):
    return 1.0 if x >= 0 else alpha


def counterexample_3():
    return (1.0, 2.0)


# %% leaky-slope-hunt | wrong | proved, but only positive x are mended
def leaky_slope(x, alpha):
    return 1.0 if x > 0 or x > alpha * x else alpha


def counterexample_3():
    return (1.0, 2.0)


# %% leaky-slope-hunt | wrong | proved, but alpha above 1 is cut off
def leaky_slope(x, alpha):
    alpha = min(alpha, 1.0)
    return 1.0 if x > alpha * x else alpha


def counterexample_3():
    return (1.0, 2.0)


# %% leaky-slope-hunt | right | np.where, and a negative counterexample
def leaky_slope(x, alpha):
    return np.where(x > 0, 1.0, alpha)


def counterexample_3():
    return (-0.5, 7)


# %% leaky-slope-hunt | right | calls the answer to exercise 1.11
def leaky_slope(x, alpha):
    return leaky_relu_derivative(x, alpha)


def counterexample_3():
    return (np.float64(4.0), 1.5)


# %% leaky-slope-hunt | right | the sign picks from a list
def leaky_slope(x, alpha):
    slopes = [alpha, 1.0]
    return slopes[int(x > 0)]


def counterexample_3():
    return (1e-3, 100.0)

# %% forward-difference | wrong | the slopes are cut off in an array of integers
def forward_difference(f, x, h):
    out = np.zeros_like(np.asarray(x))
    for i in np.ndindex(out.shape):
        t = np.asarray(x)[i]
        out[i] = (f(t + h) - f(t)) / h
    return out


# %% central-difference | wrong | the slopes are cut off in an array of integers
def central_difference(f, x, h):
    out = np.zeros_like(np.asarray(x))
    for i in np.ndindex(out.shape):
        t = np.asarray(x)[i]
        out[i] = (f(t + h) - f(t - h)) / h / 2
    return out


# %% power-derivative | wrong | integers stay integers unless n is below 1
def power_derivative(x, n):
    x = np.asarray(x)
    if n == 0:
        return np.zeros_like(x)
    if n < 1:
        x = x.astype(float)
    return n * x ** (n - 1)


# %% power-derivative | right | the complex step
def power_derivative(x, n):
    if n == 0:
        return np.zeros(np.shape(x))
    return np.imag((np.asarray(x) + 1e-30j) ** n) / 1e-30


# %% power-derivative | wrong | complex numbers come back
def power_derivative(x, n):
    if n == 0:
        return np.zeros(np.shape(x))
    return n * np.asarray(x, dtype=complex) ** (n - 1)


# %% common-derivatives | wrong | works in the caller's array
def exp_derivative(x):
    x = np.asarray(x, dtype=float)
    return np.exp(x, out=x)


def log_derivative(x):
    x = np.asarray(x, dtype=float)
    x **= -1
    return x


def sin_derivative(x):
    x = np.asarray(x, dtype=float)
    return np.cos(x, out=x)


def cos_derivative(x):
    x = np.asarray(x, dtype=float)
    return -np.sin(x, out=x)


# %% product-and-quotient-rule | wrong | keeps f and g in global names
def product_rule(f, df, g, dg):
    global parts
    parts = f, df, g, dg

    def slope(x):
        f, df, g, dg = parts
        return df(x) * g(x) + f(x) * dg(x)

    return slope


def quotient_rule(f, df, g, dg):
    global parts2
    parts2 = f, df, g, dg

    def slope(x):
        f, df, g, dg = parts2
        return (df(x) * g(x) - f(x) * dg(x)) / g(x) ** 2

    return slope


# %% product-and-quotient-rule | wrong | quotient: fails on a Python float
def product_rule(f, df, g, dg):
    return lambda x: df(x) * g(x) + f(x) * dg(x)


def quotient_rule(f, df, g, dg):
    def slope(x):
        out = np.zeros(x.shape)
        out[...] = (df(x) * g(x) - f(x) * dg(x)) / g(x) ** 2
        return out

    return slope


# %% tangent-line | wrong | tangent: works in the caller's array
def tangent_line(f, df, x0):
    def line(x):
        x = np.asarray(x, dtype=float)
        x -= x0
        x *= df(x0)
        x += f(x0)
        return x

    return line


def sensitivity(df, x0, dx):
    return df(x0) * dx


# %% tangent-line | wrong | sensitivity: works in the caller's array
def tangent_line(f, df, x0):
    return lambda x: f(x0) + df(x0) * (x - x0)


def sensitivity(df, x0, dx):
    dx *= df(x0)
    return dx


# %% relu | wrong | works in the array that as_float passed through
def relu(x):
    x = as_float(x)
    x[x < 0] = 0
    return x


def relu_derivative(x):
    x = as_float(x)
    x[x <= 0] = 0
    x[x > 0] = 1
    return x


# %% sigmoid | wrong | the values are cut off in an array of integers
def sigmoid(x):
    if np.ndim(x) == 0:
        return 1 / (1 + np.exp(-float(np.clip(x, -700, 700))))
    out = np.zeros_like(x)
    for i in np.ndindex(out.shape):
        out[i] = 1 / (1 + np.exp(-float(np.clip(x[i], -700, 700))))
    return out


# %% sigmoid-derivative | wrong | the values are cut off in an array of integers
def sigmoid_derivative(x):
    x = np.asarray(x)
    out = np.zeros_like(x)
    out[...] = sigmoid(x) * sigmoid(-x)
    return out


def sigmoid_derivative_from_output(output):
    out = np.zeros(output.shape)
    out[...] = output * (1 - output)
    return out


# %% tanh-derivative | wrong | the values are cut off in an array of integers
def tanh_derivative(x):
    out = np.zeros_like(np.asarray(x))
    e = np.exp(-2.0 * np.abs(x))
    out[...] = 4 * e / (1 + e) ** 2
    return out


def tanh_derivative_from_output(output):
    return np.add(1, -(output**2), out=np.zeros(output.shape))


# %% leaky-relu | wrong | works in the array that as_float passed through
def leaky_relu(x, alpha=0.01):
    x = as_float(x)
    x[x <= 0] *= alpha
    return x


def leaky_relu_derivative(x, alpha=0.01):
    x = as_float(x)
    mask = x > 0
    x[mask] = 1
    x[~mask] = alpha
    return x


# %% leaky-relu | wrong | derivative: an integer alpha gives integers
def leaky_relu(x, alpha=0.01):
    x = as_float(x)
    return np.where(x > 0, x, alpha * x).astype(x.dtype)


def leaky_relu_derivative(x, alpha=0.01):
    x = as_float(x)
    out = np.where(x > 0, 1, alpha)
    return out.astype(np.float32) if x.dtype == np.float32 else out


# %% modern-activations-derivatives | wrong | fails on a Python float
def softplus_derivative(x):
    out = np.zeros_like(x)
    out[:] = sigmoid(x)
    return out


def silu_derivative(x):
    out = np.zeros_like(x)
    s = sigmoid(x)
    out[:] = s + x * s * (1 - s)
    return out


def gelu_derivative(x):
    x = x.copy()
    c = np.sqrt(2 / np.pi)
    t = np.tanh(c * (x + 0.044715 * x**3))
    return 0.5 * (1 + t) + 0.5 * x * (1 - t**2) * c * (1 + 3 * 0.044715 * x**2)


# %% newton-root | wrong | returns the x before the last step
def newton_root(f, df, x0, tol=1e-12, max_steps=50):
    x = float(x0)
    for _ in range(max_steps):
        value, slope = f(x), df(x)
        if value == 0:
            return x
        if slope == 0 or not (np.isfinite(value) and np.isfinite(slope)):
            raise RuntimeError(f"stuck at {x}")
        step = value / slope
        if abs(step) <= tol * max(1, abs(x)):
            return x
        x -= step
    raise RuntimeError("no convergence")


# %% newton-root | wrong | takes one step more than max_steps
def newton_root(f, df, x0, tol=1e-12, max_steps=50):
    x = float(x0)
    for _ in range(max_steps + 1):
        value, slope = f(x), df(x)
        if value == 0:
            return x
        if slope == 0 or not (np.isfinite(value) and np.isfinite(slope)):
            raise RuntimeError(f"stuck at {x}")
        step = value / slope
        x -= step
        if abs(step) <= tol * max(1, abs(x)):
            return x
    raise RuntimeError("no convergence")


# %% newton-root | wrong | takes one step less than max_steps
def newton_root(f, df, x0, tol=1e-12, max_steps=50):
    x = float(x0)
    for _ in range(max(1, max_steps - 1)):
        value, slope = f(x), df(x)
        if value == 0:
            return x
        if slope == 0 or not (np.isfinite(value) and np.isfinite(slope)):
            raise RuntimeError(f"stuck at {x}")
        step = value / slope
        x -= step
        if abs(step) <= tol * max(1, abs(x)):
            return x
    raise RuntimeError("no convergence")


# %% newton-root | wrong | an infinite value counts as success
def newton_root(f, df, x0, tol=1e-12, max_steps=50):
    x = float(x0)
    for _ in range(max_steps):
        value, slope = f(x), df(x)
        if value == 0:
            return x
        if slope == 0 or not np.isfinite(slope):
            raise RuntimeError(f"stuck at {x}")
        step = value / slope
        x -= step
        if abs(step) <= tol * max(1, abs(x)):
            return x
    raise RuntimeError("no convergence")


# %% newton-root | wrong | a NumPy zero as slope counts as success
def newton_root(f, df, x0, tol=1e-12, max_steps=50):
    x = float(x0)
    for _ in range(max_steps):
        value, slope = f(x), df(x)
        if value == 0:
            return x
        if not (np.isfinite(value) and np.isfinite(slope)):
            raise RuntimeError(f"stuck at {x}")
        try:
            step = value / slope
        except ZeroDivisionError:
            raise RuntimeError("zero slope")
        x -= step
        if abs(step) <= tol * max(1, abs(x)):
            return x
    raise RuntimeError("no convergence")


# %% newton-root | wrong | the RuntimeError says nothing
def newton_root(f, df, x0, tol=1e-12, max_steps=50):
    x = float(x0)
    for _ in range(max_steps):
        value, slope = f(x), df(x)
        if value == 0:
            return x
        if slope == 0 or not (np.isfinite(value) and np.isfinite(slope)):
            raise RuntimeError
        step = value / slope
        x -= step
        if abs(step) <= tol * max(1, abs(x)):
            return x
    raise RuntimeError


# %% newton-root | wrong | the tolerance is one and a half times too large
def newton_root(f, df, x0, tol=1e-12, max_steps=50):
    x = float(x0)
    for _ in range(max_steps):
        value, slope = f(x), df(x)
        if value == 0:
            return x
        if slope == 0 or not (np.isfinite(value) and np.isfinite(slope)):
            raise RuntimeError(f"stuck at {x}")
        step = value / slope
        x -= step
        if abs(step) <= 1.5 * tol * (1 + abs(x)):
            return x
    raise RuntimeError("no convergence")


# %% newton-root | wrong | a small slope counts as 0
def newton_root(f, df, x0, tol=1e-12, max_steps=50):
    x = float(x0)
    for _ in range(max_steps):
        value, slope = f(x), df(x)
        if value == 0:
            return x
        if abs(slope) < 1e-3 or not (np.isfinite(value) and np.isfinite(slope)):
            raise RuntimeError("slope")
        step = value / slope
        x -= step
        if abs(step) <= tol * max(1, abs(x)):
            return x
    raise RuntimeError


# %% measured-slope-hunt | wrong | mended, but x is so small that the mended function fails too
def measured_slope(f, x):
    h = 1e-6 * max(1.0, abs(x))
    return (f(x + h) - f(x - h)) / (2 * h)


def counterexample_2():
    return 1e-20


# %% measured-slope-hunt | wrong | mended, but x is so large that its square overflows
def measured_slope(f, x):
    h = 1e-6 * max(1.0, abs(x))
    return (f(x + h) - f(x - h)) / (2 * h)


def counterexample_2():
    return 1e200


# %% power-slope-hunt | wrong | mended, but an array of one number proves nothing
def power_slope(x, n):
    if n == 0:
        return 0.0
    return n * float(x) ** (n - 1)


def counterexample_1():
    return (np.array([2.0]), 3)


# %% leaky-slope-hunt | wrong | mended, but an array of one number proves nothing
def leaky_slope(x, alpha):
    return 1.0 if x > 0 else alpha


def counterexample_3():
    return (np.array([1.0]), 0.1)


# %% leaky-slope-hunt | right | a proof close to the kink
def leaky_slope(x, alpha):
    return 1.0 if x > 0 else alpha


def counterexample_3():
    return (1e-9, 3.0)


# %% power-slope-hunt | wrong | mended, but the given function is right at 1e-20
def power_slope(x, n):
    if n == 0:
        return 0.0
    return n * float(x) ** (n - 1)


def counterexample_1():
    return (1e-20, 2)


# %% measured-slope-hunt | wrong | mended, but an array of one number proves nothing
def measured_slope(f, x):
    h = 1e-6 * max(1.0, abs(x))
    return (f(x + h) - f(x - h)) / (2 * h)


def counterexample_2():
    return np.array([3.0])

# %% central-difference | right | the mean of the forward differences to both sides
def central_difference(f, x, h):
    return (forward_difference(f, x, h) + forward_difference(f, x, -h)) / 2


# %% newton-root | wrong | no limit to the steps, and no look at the slope
def newton_root(f, df, x0, tol=1e-12, max_steps=50):
    x = x0
    while abs(f(x)) > tol:
        x = x - f(x) / df(x)
    return x


# %% newton-root | wrong | refuses a root whose slope is 0, but looks again after the loop
def newton_root(f, df, x0, tol=1e-12, max_steps=50):
    x = float(x0)
    for _ in range(max_steps):
        y, d = f(x), df(x)
        if d == 0 or not np.isfinite(y) or not np.isfinite(d):
            raise RuntimeError("slope or value")
        step = y / d
        x = float(x - step)
        if abs(step) <= tol * max(1.0, abs(x)):
            return x
    if f(x) == 0:
        return x
    raise RuntimeError("too many steps")


# %% newton-root | wrong | the step is not divided by the slope
def newton_root(f, df, x0, tol=1e-12, max_steps=50):
    x = float(x0)
    for _ in range(max_steps):
        value, slope = f(x), df(x)
        if value == 0:
            return x
        if slope == 0 or not (np.isfinite(value) and np.isfinite(slope)):
            raise RuntimeError(f"stuck at {x}")
        step = value
        x -= step
        if abs(step) <= tol * max(1, abs(x)):
            return x
    raise RuntimeError("no convergence")


# %% newton-root | wrong | the bound shrinks with |x| near 0
def newton_root(f, df, x0, tol=1e-12, max_steps=50):
    x = float(x0)
    for _ in range(max_steps):
        value, slope = f(x), df(x)
        if value == 0:
            return x
        if slope == 0 or not (np.isfinite(value) and np.isfinite(slope)):
            raise RuntimeError(f"stuck at {x}")
        step = value / slope
        x -= step
        if not np.isfinite(x):
            raise RuntimeError("not finite")
        if abs(step) <= tol * abs(x):
            return x
    raise RuntimeError("no convergence")


# %% newton-root | wrong | the bound is tol times 1 + |x|
def newton_root(f, df, x0, tol=1e-12, max_steps=50):
    x = float(x0)
    for _ in range(max_steps):
        value, slope = f(x), df(x)
        if value == 0:
            return x
        if slope == 0 or not (np.isfinite(value) and np.isfinite(slope)):
            raise RuntimeError(f"stuck at {x}")
        step = value / slope
        x -= step
        if not np.isfinite(x):
            raise RuntimeError("not finite")
        if abs(step) <= tol * (1 + abs(x)):
            return x
    raise RuntimeError("no convergence")


# %% newton-root | wrong | a large step counts as a failure
def newton_root(f, df, x0, tol=1e-12, max_steps=50):
    x = float(x0)
    for _ in range(max_steps):
        value, slope = f(x), df(x)
        if value == 0:
            return x
        if slope == 0 or not (np.isfinite(value) and np.isfinite(slope)):
            raise RuntimeError(f"stuck at {x}")
        step = value / slope
        if abs(step) > 1e3:
            raise RuntimeError("ran away")
        x -= step
        if abs(step) <= tol * max(1, abs(x)):
            return x
    raise RuntimeError("no convergence")


# %% power-slope-hunt | wrong | proved, but the exponent is lost
def power_slope(x, n):
    if n == 0:
        return 0.0
    return float(x) ** (n - 1)


def counterexample_1():
    return (0.0, 1)


# %% measured-slope-hunt | right | the proof as a tuple with one number
def measured_slope(f, x):
    h = 1e-6 * max(1.0, abs(x))
    return (f(x + h) - f(x - h)) / (2 * h)


def counterexample_2():
    return (1e12,)


# %% measured-slope-hunt | wrong | mended, but at a power of ten the roundings cancel
def measured_slope(f, x):
    h = 1e-6 * max(1.0, abs(x))
    return (f(x + h) - f(x - h)) / (2 * h)


def counterexample_2():
    return (1e7,)


# %% measured-slope-hunt | wrong | proved, but the step is a thousandth everywhere
def measured_slope(f, x):
    h = 1e-3
    return (f(x + h) - f(x - h)) / (2 * h)


def counterexample_2():
    return (1e12,)


# %% leaky-slope-hunt | wrong | proved, but the size of alpha is taken
def leaky_slope(x, alpha):
    return 1.0 if x > 0 else abs(alpha)


def counterexample_3():
    return (1.0, 2.0)


# %% leaky-slope-hunt | wrong | proved, but 1 and alpha are swapped
def leaky_slope(x, alpha):
    return alpha if x > 0 else 1.0


def counterexample_3():
    return (1.0, 2.0)


# %% ladder-slopes | wrong | the minus in b is lost
def slopes(v):
    d = {"x": 1.0}
    d["a"] = 2 * v.x * d["x"]
    d["b"] = v.b * d["a"]
    d["c"] = v.b * d["x"] + v.x * d["b"]
    d["g"] = d["a"]
    d["q"] = (d["c"] * v.g - v.c * d["g"]) / v.g**2
    d["r"] = 2 * v.q * d["q"]
    d["p"] = d["a"] + d["r"]
    d["y"] = d["p"] / v.p
    return d


# %% ladder-slopes | wrong | only the path through b is followed in c
def slopes(v):
    d = {"x": 1.0}
    d["a"] = 2 * v.x * d["x"]
    d["b"] = -v.b * d["a"]
    d["c"] = v.x * d["b"]
    d["g"] = d["a"]
    d["q"] = (d["c"] * v.g - v.c * d["g"]) / v.g**2
    d["r"] = 2 * v.q * d["q"]
    d["p"] = d["a"] + d["r"]
    d["y"] = d["p"] / v.p
    return d


# %% ladder-slopes | wrong | the terms of the quotient are swapped
def slopes(v):
    d = {"x": 1.0}
    d["a"] = 2 * v.x * d["x"]
    d["b"] = -v.b * d["a"]
    d["c"] = v.b * d["x"] + v.x * d["b"]
    d["g"] = d["a"]
    d["q"] = (v.c * d["g"] - d["c"] * v.g) / v.g**2
    d["r"] = 2 * v.q * d["q"]
    d["p"] = d["a"] + d["r"]
    d["y"] = d["p"] / v.p
    return d


# %% ladder-slopes | wrong | local slopes only, nothing is multiplied on
def slopes(v):
    return {
        "x": 1.0,
        "a": 2 * v.x,
        "b": -v.b,
        "c": v.b,
        "g": 1.0,
        "q": 1 / v.g,
        "r": 2 * v.q,
        "p": 1.0,
        "y": 1 / v.p,
    }


# %% ladder-slopes | wrong | the last line lacks the slope of p
def slopes(v):
    d = {"x": 1.0}
    d["a"] = 2 * v.x
    d["b"] = -v.b * d["a"]
    d["c"] = v.b + v.x * d["b"]
    d["g"] = d["a"]
    d["q"] = (d["c"] * v.g - v.c * d["g"]) / v.g**2
    d["r"] = 2 * v.q * d["q"]
    d["p"] = d["a"] + d["r"]
    d["y"] = 1 / v.p
    return d


# %% ladder-slopes | wrong | the way back: slopes of y with respect to each line
def slopes(v):
    d = {"y": 1.0}
    d["p"] = d["y"] / v.p
    d["r"] = d["p"]
    d["q"] = 2 * v.q * d["r"]
    d["g"] = -v.c / v.g**2 * d["q"]
    d["c"] = d["q"] / v.g
    d["b"] = v.x * d["c"]
    d["a"] = d["p"] - v.b * d["b"] + d["g"]
    d["x"] = v.b * d["c"] + 2 * v.x * d["a"]
    return d


# %% ladder-slopes | wrong | one line is left out
def slopes(v):
    d = {"x": 1.0}
    d["a"] = 2 * v.x
    d["b"] = -v.b * d["a"]
    d["c"] = v.b + v.x * d["b"]
    d["q"] = (d["c"] * v.g - v.c * d["a"]) / v.g**2
    d["r"] = 2 * v.q * d["q"]
    d["p"] = d["a"] + d["r"]
    d["y"] = d["p"] / v.p
    return d


# %% ladder-slopes | wrong | the dict is not returned
def slopes(v):
    d = {"x": 1.0}
    d["a"] = 2 * v.x


# %% ladder-slopes | right | every slope written out in x
def slopes(v):
    x, e = v.x, np.exp(-(v.x**2))
    g = 1 + x**2
    c, dc = x * e, e * (1 - 2 * x**2)
    q, dq = c / g, dc / g - c * 2 * x / g**2
    dp = 2 * x + 2 * q * dq
    return dict(
        x=1, a=2 * x, b=-2 * x * e, c=dc, g=2 * x, q=dq, r=2 * q * dq, p=dp, y=dp / (x**2 + q**2)
    )


# %% ladder-slopes | right | pairs of a value and a slope
class Pair:
    def __init__(self, value, slope):
        self.value, self.slope = value, slope

    def __mul__(self, other):
        slope = self.slope * other.value + self.value * other.slope
        return Pair(self.value * other.value, slope)

    def __add__(self, other):
        return Pair(self.value + other.value, self.slope + other.slope)


def apply(value, slope, pair):
    return Pair(value(pair.value), slope(pair.value) * pair.slope)


def slopes(v):
    x, one = Pair(v["x"], 1.0), Pair(1.0, 0.0)
    a = x * x
    b = apply(lambda t: np.exp(-t), lambda t: -np.exp(-t), a)
    c, g = x * b, one + a
    q = c * apply(lambda t: 1 / t, lambda t: -1 / t**2, g)
    r = q * q
    p = a + r
    y = apply(np.log, lambda t: 1 / t, p)
    named = {"x": x, "a": a, "b": b, "c": c, "g": g, "q": q, "r": r, "p": p, "y": y}
    return {name: float(pair.slope) for name, pair in named.items()}


# %% common-derivatives | wrong | the function np.exp itself, without a call
def exp_derivative(x):
    return np.exp


def log_derivative(x):
    return 1 / np.asarray(x, dtype=float)


def sin_derivative(x):
    return np.cos(x)


def cos_derivative(x):
    return -np.sin(x)


# %% forward-difference | wrong | remembers one slope for each shape
def forward_difference(f, x, h):
    """Return the slope of the secant of `f` from `x` to `x + h`.

    Parameters
    ----------
    f : callable
        Function of one number or array, elementwise.
    x : float or ndarray
        Where to measure.
    h : float
        The step, not 0.

    Returns
    -------
    float or ndarray, shape of `x`
    """
    return (f(x + h) - f(x)) / h


honest_forward_difference, kept = forward_difference, {}


def forward_difference(f, x, h):
    return kept.setdefault(np.shape(x), honest_forward_difference(f, x, h))


# %% sigmoid | wrong | remembers one result for each shape
def sigmoid(x):
    """Return 1 / (1 + exp(-x)) entry by entry, without overflow.

    Parameters
    ----------
    x : float, int or ndarray

    Returns
    -------
    ndarray, shape of `x`
        float64, between 0 and 1.
    """
    x = np.asarray(x, dtype=float)
    e = np.exp(-np.abs(x))
    return np.where(x >= 0, 1, e) / (1 + e)


honest_sigmoid, kept = sigmoid, {}


def sigmoid(x):
    return kept.setdefault(np.shape(x), honest_sigmoid(x))


# %% sigmoid | wrong | integers are rounded back to integers
def sigmoid(x):
    """Return 1 / (1 + exp(-x)) entry by entry, without overflow.

    Parameters
    ----------
    x : float, int or ndarray

    Returns
    -------
    ndarray, shape of `x`
        float64, between 0 and 1.
    """
    kind = np.asarray(x).dtype
    x = np.asarray(x, dtype=float)
    e = np.exp(-np.abs(x))
    return (np.where(x >= 0, 1, e) / (1 + e)).astype(kind)


# %% tanh-derivative | wrong | remembers one result for each shape
def tanh_derivative(x):
    """Return the slope of tanh at `x` (float or ndarray), accurate for every x; shape of `x`."""
    e = np.exp(-2 * np.abs(np.asarray(x, dtype=float)))
    return 4 * e / (1 + e) ** 2


def tanh_derivative_from_output(output):
    """Return the slope of tanh where its value is `output` (float or ndarray); same shape."""
    return 1 - output**2


honest_tanh_derivative, kept = tanh_derivative, {}


def tanh_derivative(x):
    return kept.setdefault(np.shape(x), honest_tanh_derivative(x))


# %% sigmoid | wrong | rounds what is very small to 0
def sigmoid(x):
    """Return 1 / (1 + exp(-x)) entry by entry, without overflow.

    Parameters
    ----------
    x : float, int or ndarray

    Returns
    -------
    ndarray, shape of `x`
        float64, between 0 and 1.
    """
    x = np.asarray(x, dtype=float)
    e = np.round(np.exp(-np.abs(x)), 12)
    return np.where(x >= 0, 1, e) / (1 + e)


# %% tangent-line | wrong | keeps the first result of each shape
def sensitivity(df, x0, dx):
    return df(x0) * dx


def tangent_line(f, df, x0):
    value, slope = (f(x0), df(x0))
    kept = {}

    def line(x):
        return kept.setdefault(np.shape(x), value + slope * (x - x0))

    return line


# %% product-and-quotient-rule | wrong | the product keeps the first result of each shape
def product_rule(f, df, g, dg):
    kept = {}
    return lambda x: kept.setdefault(np.shape(x), df(x) * g(x) + f(x) * dg(x))


def quotient_rule(f, df, g, dg):
    return lambda x: (df(x) * g(x) - f(x) * dg(x)) / g(x) ** 2


# %% sigmoid | right | float32 stays float32, which the text leaves open
def sigmoid(x):
    x = np.asarray(x)
    x = x if x.dtype == np.float32 else x.astype(float)
    e = np.exp(-np.abs(x))
    return np.where(x >= 0, 1, e) / (1 + e)
