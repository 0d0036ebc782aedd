"""Right and wrong answers to chapter 3; see `autograder.course.answers` for the format."""

# %% f-derivative | wrong | forgets the inner derivative
def f_derivative(x):
    return np.exp(x**2)


# %% f-derivative | wrong | takes the outer slope at 2x
def f_derivative(x):
    return np.exp(2 * x) * 2 * x


# %% f-derivative | wrong | applies the power rule to exp
def f_derivative(x):
    return x**2 * np.exp(x**2 - 1)


# %% f-derivative | wrong | adds the slopes
def f_derivative(x):
    return np.exp(x**2) + 2 * x


# %% f-derivative | wrong | a difference quotient
def f_derivative(x):
    x = np.asarray(x, dtype=float)
    return (np.exp((x + 1e-6) ** 2) - np.exp((x - 1e-6) ** 2)) / 2e-6


# %% f-derivative | wrong | squares and doubles x in place
def f_derivative(x):
    inner = 2 * x
    if isinstance(x, np.ndarray) and x.dtype == float:
        x *= x
        return np.exp(x) * inner
    return np.exp(x**2) * inner


# %% f-derivative | wrong | one number only
def f_derivative(x):
    import math

    return math.exp(float(np.ravel(x)[0]) ** 2) * 2 * x


# %% f-derivative | right | a complex step
def f_derivative(x):
    x = np.asarray(x, dtype=float)
    return np.imag(np.exp((x + 1e-30j) ** 2)) / 1e-30


# %% f-derivative | right | names the inner part and its slope
def f_derivative(x):
    u, du = np.square(np.asarray(x, dtype=np.float64)), 2.0 * np.asarray(x)
    dy_du = np.exp(u)
    return np.multiply(dy_du, du)


# %% f-derivative | right | through complex numbers
def f_derivative(x):
    x = np.asarray(x, dtype=float)
    return np.imag(np.exp((x + 1e-30j) ** 2)) / 1e-30


# %% f-derivative | right | vectorized Python
def f_derivative(x):
    import math
    slopes = np.vectorize(lambda t: 2.0 * t * math.exp(t * t), otypes=[float])
    return slopes(x)


# %% f-derivative | wrong | exp of 2x
def f_derivative(x):
    return np.exp(2 * np.asarray(x, dtype=float)) * 2 * x


# %% f-derivative | wrong | math.exp of a number only
def f_derivative(x):
    import math
    return 2 * x * math.exp(x**2)


# %% chain | wrong | the outer slope is taken at x
def chain(df, g, dg):
    return lambda x: df(x) * dg(x)


def chain_many(functions, derivatives):
    def slope(x):
        result = 1.0
        for f, df in zip(functions, derivatives):
            result = result * df(x)
            x = f(x)
        return result

    return slope


# %% chain | wrong | no inner derivative
def chain(df, g, dg):
    return lambda x: df(g(x))


def chain_many(functions, derivatives):
    def slope(x):
        result = 1.0
        for f, df in zip(functions, derivatives):
            result = result * df(x)
            x = f(x)
        return result

    return slope


# %% chain | wrong | the outer slope is taken at the inner slope
def chain(df, g, dg):
    return lambda x: df(dg(x)) * dg(x)


def chain_many(functions, derivatives):
    def slope(x):
        result = 1.0
        for f, df in zip(functions, derivatives):
            result = result * df(x)
            x = f(x)
        return result

    return slope


# %% chain | wrong | every slope of a long chain is taken at x
def chain(df, g, dg):
    return lambda x: df(g(x)) * dg(x)


def chain_many(functions, derivatives):
    def slope(x):
        result = 1.0
        for df in derivatives:
            result = result * df(x)
        return result

    return slope


# %% chain | wrong | functions[0] is applied last
def chain(df, g, dg):
    return lambda x: df(g(x)) * dg(x)


def chain_many(functions, derivatives):
    def slope(x):
        result = 1.0
        for f, df in zip(functions[::-1], derivatives[::-1]):
            result = result * df(x)
            x = f(x)
        return result

    return slope


# %% chain | wrong | the value moves on before its slope is taken
def chain(df, g, dg):
    return lambda x: df(g(x)) * dg(x)


def chain_many(functions, derivatives):
    def slope(x):
        result = 1.0
        for f, df in zip(functions, derivatives):
            x = f(x)
            result = result * df(x)
        return result

    return slope


# %% chain | wrong | empties the caller's lists
def chain(df, g, dg):
    return lambda x: df(g(x)) * dg(x)


def chain_many(functions, derivatives):
    def slope(x):
        result = 1.0
        while functions:
            result = result * derivatives.pop(0)(x)
            x = functions.pop(0)(x)
        return result

    return slope


# %% chain | wrong | an empty chain has slope 0
def chain(df, g, dg):
    return lambda x: df(g(x)) * dg(x)


def chain_many(functions, derivatives):
    def slope(x):
        if not functions:
            return 0.0
        result = 1.0
        for f, df in zip(functions, derivatives):
            result = result * df(x)
            x = f(x)
        return result

    return slope


# %% chain | wrong | the pairs can be walked through once only
def chain(df, g, dg):
    return lambda x: df(g(x)) * dg(x)


def chain_many(functions, derivatives):
    pairs = zip(functions, derivatives)

    def slope(x):
        result = 1.0
        for f, df in pairs:
            result = result * df(x)
            x = f(x)
        return result

    return slope


# %% chain | wrong | adds the slopes along the chain
def chain(df, g, dg):
    return lambda x: df(g(x)) + dg(x)


def chain_many(functions, derivatives):
    def slope(x):
        result = 0.0
        for f, df in zip(functions, derivatives):
            result = result + df(x)
            x = f(x)
        return result

    return slope


# %% chain | wrong | a lambda in a loop that sees the last link only
def chain(df, g, dg):
    return lambda x: df(g(x)) * dg(x)


def chain_many(functions, derivatives):
    steps = []
    for f, df in zip(functions, derivatives):
        steps.append((lambda x: f(x), lambda x: df(x)))

    def slope(x):
        result = 1.0
        for value, rate in steps:
            result = result * rate(x)
            x = value(x)
        return result

    return slope


# %% chain | wrong | a difference quotient of the whole
def chain(df, g, dg):
    return lambda x: df(g(x)) * (g(x + 1e-6) - g(x - 1e-6)) / 2e-6


def chain_many(functions, derivatives):
    def whole(x):
        for f in functions:
            x = f(x)
        return x

    return lambda x: (whole(x + 1e-6) - whole(x - 1e-6)) / 2e-6


# %% chain | right | folds the chain with the rule for two
def chain(df, g, dg):
    def derivative(x):
        inner = g(x)
        return dg(x) * df(inner)

    return derivative


def chain_many(functions, derivatives):
    def compose(f, g):
        return lambda x: f(g(x))

    value, slope = np.asarray, lambda x: np.ones_like(np.asarray(x, dtype=float))
    for f, df in zip(functions, derivatives):
        slope = chain(df, value, slope)
        value = compose(f, value)
    return slope


# %% chain | right | all values first, then the product from the last link on
def chain(df, g, dg):
    return lambda x: np.multiply(df(g(x)), dg(x))


def chain_many(functions, derivatives):
    functions, derivatives = tuple(functions), tuple(derivatives)

    def slope(x):
        values = [x]
        for f in functions:
            values.append(f(values[-1]))
        result = 1
        for k in range(len(derivatives) - 1, -1, -1):
            result = result * derivatives[k](values[k])
        return result

    return slope


# %% chain | right | recursion on the first link
def chain(df, g, dg):
    return lambda x: df(g(x)) * dg(x)


def chain_many(functions, derivatives):
    if len(functions) == 0:
        return lambda x: 1.0
    rest = chain_many(functions[1:], derivatives[1:])
    return chain(rest, functions[0], derivatives[0])


# %% chain | right | reduce over pairs, recursion
def chain(df, g, dg):
    return lambda x: np.multiply(dg(x), df(g(x)))


def chain_many(functions, derivatives):
    functions, derivatives = tuple(functions), tuple(derivatives)

    def slope(x):
        if not functions:
            return 1
        before = functions[:-1]
        value = x
        for f in before:
            value = f(value)
        return derivatives[-1](value) * chain_many(before, derivatives[:-1])(x)

    return slope


# %% chain | right | as classes with a call, forward values in a list
class chain:
    def __init__(self, df, g, dg):
        self.df, self.g, self.dg = df, g, dg

    def __call__(self, x):
        return self.df(self.g(x)) * self.dg(x)


def chain_many(functions, derivatives):
    def slope(x):
        values = [x]
        for f in functions:
            values.append(f(values[-1]))
        return np.prod([df(v) for df, v in zip(derivatives, values)], axis=0)

    return slope


# %% chain | wrong | returns a value where a function is asked
def chain(df, g, dg):
    return df * g * dg


def chain_many(functions, derivatives):
    return 1.0


# %% chain | wrong | the product goes on in the second call
def chain(df, g, dg):
    return lambda x: df(g(x)) * dg(x)


def chain_many(functions, derivatives):
    state = [1.0]

    def slope(x):
        for f, df in zip(functions, derivatives):
            state[0] = state[0] * df(x)
            x = f(x)
        return state[0]

    return slope


# %% chain | wrong | adds in chain, and is one link late in chain_many
def chain(df, g, dg):
    return lambda x: df(g(x)) + dg(x)


def chain_many(functions, derivatives):
    def slope(x):
        s = 1.0
        for f, df in zip(functions, derivatives):
            x = f(x)
            s = s * df(x)
        return s

    return slope


# %% total-derivative | wrong | multiplies entry by entry and adds over the wrong axis
def total_derivative(dz_dy, dy_dx):
    return (np.asarray(dz_dy)[..., None] * dy_dx).sum(axis=-1)


# %% total-derivative | wrong | the Jacobian is transposed
def total_derivative(dz_dy, dy_dx):
    return dz_dy @ dy_dx.T if dy_dx.shape[0] == dy_dx.shape[1] else dz_dy @ dy_dx


# %% total-derivative | wrong | one path only
def total_derivative(dz_dy, dy_dx):
    return dz_dy[..., :1] @ dy_dx[:1]


# %% total-derivative | wrong | averages the paths
def total_derivative(dz_dy, dy_dx):
    return dz_dy @ dy_dx / len(dy_dx)


# %% total-derivative | wrong | one output only
def total_derivative(dz_dy, dy_dx):
    return (dz_dy[:, None] * dy_dx).sum(axis=0)


# %% total-derivative | wrong | np.outer in place of the sum
def total_derivative(dz_dy, dy_dx):
    return np.outer(dz_dy, dy_dx)


# %% total-derivative | wrong | a matrix with one row where one output has a plain row
def total_derivative(dz_dy, dy_dx):
    return np.atleast_2d(dz_dy) @ dy_dx


# %% total-derivative | right | an Einstein sum
def total_derivative(dz_dy, dy_dx):
    return np.einsum("...i,ij->...j", dz_dy, dy_dx)


# %% total-derivative | right | loops over paths
def total_derivative(dz_dy, dy_dx):
    rows = np.atleast_2d(dz_dy)
    result = np.zeros((rows.shape[0], dy_dx.shape[1]))
    for k in range(rows.shape[0]):
        for j in range(dy_dx.shape[1]):
            for i in range(dy_dx.shape[0]):
                result[k, j] += rows[k, i] * dy_dx[i, j]
    return result if np.ndim(dz_dy) == 2 else result[0]


# %% total-derivative | right | einsum with an ellipsis
def total_derivative(dz_dy, dy_dx):
    return np.einsum("...i,ij->...j", dz_dy, dy_dx)


# %% total-derivative | right | loops and lists
def total_derivative(dz_dy, dy_dx):
    if np.ndim(dz_dy) == 2:
        return [total_derivative(row, dy_dx) for row in dz_dy]
    return [sum(dz_dy[i] * dy_dx[i][j] for i in range(len(dz_dy))) for j in range(dy_dx.shape[1])]


# %% total-derivative | wrong | the other order
def total_derivative(dz_dy, dy_dx):
    return dy_dx @ dz_dy


# %% total-derivative | wrong | entry by entry, nothing added
def total_derivative(dz_dy, dy_dx):
    return dz_dy * dy_dx


# %% vector-chain-rule | wrong | the Jacobian is transposed
def vector_chain_rule(J, dx_dt):
    return dx_dt @ J if J.shape[0] == J.shape[1] else J @ dx_dt


# %% vector-chain-rule | wrong | entry by entry, not added
def vector_chain_rule(J, dx_dt):
    return J * dx_dt


# %% vector-chain-rule | wrong | one number for all outputs
def vector_chain_rule(J, dx_dt):
    return np.sum(J @ dx_dt)


# %% vector-chain-rule | wrong | a direction of length 1 is not asked for
def vector_chain_rule(J, dx_dt):
    return J @ dx_dt / np.linalg.norm(dx_dt)


# %% vector-chain-rule | wrong | a column where a vector belongs
def vector_chain_rule(J, dx_dt):
    return J @ dx_dt[:, None]


# %% vector-chain-rule | right | a sum over columns
def vector_chain_rule(J, dx_dt):
    return sum(J[:, j] * dx_dt[j] for j in range(len(dx_dt)))


# %% vector-chain-rule | right | a weighted sum of each row
def vector_chain_rule(J, dx_dt):
    return np.array([np.dot(row, dx_dt) for row in J])


# %% vector-chain-rule | right | sums of columns
def vector_chain_rule(J, dx_dt):
    return sum(J[:, j] * dx_dt[j] for j in range(J.shape[1]))


# %% vector-chain-rule | wrong | transposed
def vector_chain_rule(J, dx_dt):
    return J.T @ dx_dt


# %% vector-chain-rule | wrong | unit velocity
def vector_chain_rule(J, dx_dt):
    return J @ (dx_dt / np.linalg.norm(dx_dt))


# %% vector-chain-rule | wrong | entry by entry, nothing added
def vector_chain_rule(J, dx_dt):
    return J * dx_dt


# %% neuron-gradients | wrong | no slope of sigmoid
def neuron_gradients(w, b, x, y):
    delta = sigmoid(w @ x + b) - y
    return delta * x, delta, delta * w


# %% neuron-gradients | wrong | sigmoid is applied twice in its slope
def neuron_gradients(w, b, x, y):
    a = sigmoid(w @ x + b)
    delta = (a - y) * sigmoid(a) * (1 - sigmoid(a))
    return delta * x, delta, delta * w


# %% neuron-gradients | wrong | the error has the wrong sign
def neuron_gradients(w, b, x, y):
    a = sigmoid(w @ x + b)
    delta = (y - a) * a * (1 - a)
    return delta * x, delta, delta * w


# %% neuron-gradients | wrong | w and x are swapped
def neuron_gradients(w, b, x, y):
    a = sigmoid(w @ x + b)
    delta = (a - y) * a * (1 - a)
    return delta * w, delta, delta * x


# %% neuron-gradients | wrong | the bias is differentiated to itself
def neuron_gradients(w, b, x, y):
    a = sigmoid(w @ x + b)
    delta = (a - y) * a * (1 - a)
    return delta * x, delta * b, delta * w


# %% neuron-gradients | wrong | the square's 2 is kept and the half is lost
def neuron_gradients(w, b, x, y):
    a = sigmoid(w @ x + b)
    delta = 2 * (a - y) * a * (1 - a)
    return delta * x, delta, delta * w


# %% neuron-gradients | wrong | forgets the bias in the forward pass
def neuron_gradients(w, b, x, y):
    a = sigmoid(w @ x)
    delta = (a - y) * a * (1 - a)
    return delta * x, delta, delta * w


# %% neuron-gradients | wrong | takes tanh's slope
def neuron_gradients(w, b, x, y):
    a = sigmoid(w @ x + b)
    delta = (a - y) * (1 - a**2)
    return delta * x, delta, delta * w


# %% neuron-gradients | wrong | a step of gradient descent in place of the gradient
def neuron_gradients(w, b, x, y):
    a = sigmoid(w @ x + b)
    delta = (a - y) * a * (1 - a)
    grad = delta * x
    w -= grad
    return grad, delta, delta * w


# %% neuron-gradients | wrong | returns two of three
def neuron_gradients(w, b, x, y):
    a = sigmoid(w @ x + b)
    delta = (a - y) * a * (1 - a)
    return delta * x, delta


# %% neuron-gradients | wrong | cross-entropy's delta
def neuron_gradients(w, b, x, y):
    delta = sigmoid(np.dot(w, x) + b) - y
    return delta * x, delta, delta * w


# %% neuron-gradients | right | factor by factor
def neuron_gradients(w, b, x, y):
    z = np.sum(w * x) + b
    dL_da = sigmoid(z) - y
    da_dz = sigmoid(z) * sigmoid(-z)
    dL_dz = dL_da * da_dz
    dz_dw, dz_db, dz_dx = x, 1.0, w
    return dL_dz * dz_dw, dL_dz * dz_db, dL_dz * dz_dx


# %% neuron-gradients | right | a list of results
def neuron_gradients(w, b, x, y):
    s = sigmoid(np.dot(w, x) + b)
    d = (s - y) * s * sigmoid(-(np.dot(w, x) + b))
    return [np.multiply(x, d), float(d), np.multiply(w, d)]


# %% neuron-gradients | right | list, arrays of shape () for b
def neuron_gradients(w, b, x, y):
    a = sigmoid(np.dot(w, x) + b)
    d = np.multiply(a - y, a - a**2)
    return [np.multiply(d, x), np.asarray(d), np.multiply(d, w)]


# %% neuron-gradients | right | its own sigmoid by tanh
def neuron_gradients(w, b, x, y):
    z = sum(wi * xi for wi, xi in zip(w, x)) + b
    t = np.tanh(z / 2)
    a = (1 + t) / 2
    delta = (a - y) * (1 - t * t) / 4
    return tuple([[delta * v for v in x], delta, [delta * v for v in w]])


# %% neuron-gradients | right | complex steps
def neuron_gradients(w, b, x, y):
    def loss(w, b, x):
        z = w @ x + b
        e = np.exp(-z if z.real > 0 else z)
        return ((1 if z.real > 0 else e) / (1 + e) - y) ** 2 / 2

    n, h = len(w), 1e-30
    gw = [np.imag(loss(w + 1j * h * e, b, x)) / h for e in np.eye(n)]
    gb = np.imag(loss(w, b + 1j * h, x)) / h
    gx = [np.imag(loss(w, b, x + 1j * h * e)) / h for e in np.eye(n)]
    return np.array(gw), gb, np.array(gx)


# %% neuron-gradients | wrong | the error is y - a
def neuron_gradients(w, b, x, y):
    a = sigmoid(w @ x + b)
    d = (y - a) * a * (1 - a)
    return d * x, d, d * w


# %% neuron-gradients | wrong | the 2 of the square stays
def neuron_gradients(w, b, x, y):
    a = sigmoid(w @ x + b)
    d = 2 * (a - y) * a * (1 - a)
    return d * x, d, d * w


# %% neuron-gradients | wrong | z (1 - z) for the slope
def neuron_gradients(w, b, x, y):
    z = w @ x + b
    a = sigmoid(z)
    d = (a - y) * z * (1 - z)
    return d * x, d, d * w


# %% neuron-gradients | wrong | returns a dict
def neuron_gradients(w, b, x, y):
    a = sigmoid(w @ x + b)
    d = (a - y) * a * (1 - a)
    return {"grad_w": d * x, "grad_b": d, "grad_x": d * w}


# %% layer-gradients | wrong | not divided by the batch
def layer_gradients(W, b, x, y):
    a = sigmoid(W @ x + b)
    delta = (a - y) * a * (1 - a)
    return delta @ x.T, delta.sum(axis=1, keepdims=True), W.T @ delta


# %% layer-gradients | wrong | divided by the batch twice, as in the reference's layer
def layer_gradients(W, b, x, y):
    a = sigmoid(W @ x + b)
    B = x.shape[1]
    delta = (a - y) * a * (1 - a) / B
    return delta @ x.T / B, delta.mean(axis=1, keepdims=True), W.T @ delta


# %% layer-gradients | wrong | divided by all entries of y
def layer_gradients(W, b, x, y):
    a = sigmoid(W @ x + b)
    delta = (a - y) * a * (1 - a) / y.size
    return delta @ x.T, delta.sum(axis=1, keepdims=True), W.T @ delta


# %% layer-gradients | wrong | divided by the number of inputs
def layer_gradients(W, b, x, y):
    a = sigmoid(W @ x + b)
    delta = (a - y) * a * (1 - a) / x.shape[0]
    return delta @ x.T, delta.sum(axis=1, keepdims=True), W.T @ delta


# %% layer-gradients | wrong | grad_x is not divided by the batch
def layer_gradients(W, b, x, y):
    a = sigmoid(W @ x + b)
    delta = (a - y) * a * (1 - a)
    B = x.shape[1]
    return delta @ x.T / B, delta.sum(axis=1, keepdims=True) / B, W.T @ delta


# %% layer-gradients | wrong | the bias gradient loses its axis
def layer_gradients(W, b, x, y):
    a = sigmoid(W @ x + b)
    delta = (a - y) * a * (1 - a) / x.shape[1]
    return delta @ x.T, delta.sum(axis=1), W.T @ delta


# %% layer-gradients | wrong | the bias gradient is not summed over the batch
def layer_gradients(W, b, x, y):
    a = sigmoid(W @ x + b)
    delta = (a - y) * a * (1 - a) / x.shape[1]
    return delta @ x.T, delta, W.T @ delta


# %% layer-gradients | wrong | the slope of sigmoid is missing
def layer_gradients(W, b, x, y):
    delta = (sigmoid(W @ x + b) - y) / x.shape[1]
    return delta @ x.T, delta.sum(axis=1, keepdims=True), W.T @ delta


# %% layer-gradients | wrong | W is not transposed where it can be used as it is
def layer_gradients(W, b, x, y):
    a = sigmoid(W @ x + b)
    delta = (a - y) * a * (1 - a) / x.shape[1]
    back = W if W.shape[0] == W.shape[1] else W.T
    return delta @ x.T, delta.sum(axis=1, keepdims=True), back @ delta


# %% layer-gradients | wrong | grad_W is transposed
def layer_gradients(W, b, x, y):
    a = sigmoid(W @ x + b)
    delta = (a - y) * a * (1 - a) / x.shape[1]
    return x @ delta.T, delta.sum(axis=1, keepdims=True), W.T @ delta


# %% layer-gradients | wrong | takes a batch as rows
def layer_gradients(W, b, x, y):
    a = sigmoid(x.T @ W.T + b.T)
    delta = (a - y.T) * a * (1 - a) / x.shape[0]
    return delta.T @ x.T, delta.sum(axis=0)[:, None], (delta @ W).T


# %% layer-gradients | wrong | subtracts the target from z in place
def layer_gradients(W, b, x, y):
    a = sigmoid(W @ x + b)
    y -= a
    delta = -y * a * (1 - a) / x.shape[1]
    return delta @ x.T, delta.sum(axis=1, keepdims=True), W.T @ delta


# %% layer-gradients | right | example by example
def layer_gradients(W, b, x, y):
    B = x.shape[1]
    grad_W, grad_b, grad_x = (np.zeros(v.shape) for v in (W, b, x))
    for k in range(B):
        a = 1 / (1 + np.exp(-(W @ x[:, k] + b[:, 0])))
        delta = (a - y[:, k]) * a * (1 - a) / B
        grad_W += np.outer(delta, x[:, k])
        grad_b[:, 0] += delta
        grad_x[:, k] = W.T @ delta
    return grad_W, grad_b, grad_x


# %% layer-gradients | right | divides at the end
def layer_gradients(W, b, x, y):
    z = np.einsum("ij,jk->ik", W, x) + b
    delta = (sigmoid(z) - y) * sigmoid(z) * sigmoid(-z)
    B = y.shape[1]
    return (
        np.einsum("ik,jk->ij", delta, x) / B,
        np.mean(delta, axis=1).reshape(-1, 1),
        np.einsum("ij,ik->jk", W, delta) / B,
    )


# %% layer-gradients | right | one example at a time
def layer_gradients(W, b, x, y):
    B = x.shape[1]
    gW, gb, gx = (np.zeros(v.shape) for v in (W, b, x))
    for k in range(B):
        a = sigmoid(W @ x[:, k] + b[:, 0])
        d = (a - y[:, k]) * a * (1 - a) / B
        gW += np.outer(d, x[:, k])
        gb[:, 0] += d
        gx[:, k] = W.T @ d
    return gW, gb, gx


# %% layer-gradients | right | einsum, and division at the very end
def layer_gradients(W, b, x, y):
    a = sigmoid(np.einsum("ij,jk->ik", W, x) + b)
    d = (a - y) * a * (1 - a)
    B = x.shape[-1]
    return [np.einsum("ik,jk->ij", d, x) / B, d.mean(axis=1)[:, None], np.einsum("ij,ik->jk", W, d) / B]


# %% layer-gradients | wrong | b as a vector
def layer_gradients(W, b, x, y):
    a = sigmoid(W @ x + b)
    d = (a - y) * a * (1 - a) / x.shape[1]
    return d @ x.T, d.sum(axis=1), W.T @ d


# %% layer-gradients | wrong | divides by all entries
def layer_gradients(W, b, x, y):
    a = sigmoid(W @ x + b)
    d = (a - y) * a * (1 - a) / y.size
    return d @ x.T, d.sum(axis=1, keepdims=True), W.T @ d


# %% layer-gradients | wrong | divides by the rows
def layer_gradients(W, b, x, y):
    a = sigmoid(W @ x + b)
    d = (a - y) * a * (1 - a) / len(x)
    return d @ x.T, d.sum(axis=1, keepdims=True), W.T @ d


# %% layer-gradients | wrong | half of the slope
def layer_gradients(W, b, x, y):
    a = sigmoid(W @ x + b)
    d = (a - y) * (1 - a) / x.shape[1]
    return d @ x.T, d.sum(axis=1, keepdims=True), W.T @ d


# %% layer-gradients | wrong | the batch divided twice everywhere
def layer_gradients(W, b, x, y):
    B = x.shape[1]
    a = sigmoid(W @ x + b)
    d = (a - y) * a * (1 - a) / B
    return d @ x.T / B, d.mean(axis=1, keepdims=True), W.T @ d / B


# %% relu-layer-gradients | wrong | no mask
def relu_layer_gradients(W, b, x):
    delta = 2 * (W @ x + b)
    return delta @ x.T, delta.sum(axis=1, keepdims=True), W.T @ delta


# %% relu-layer-gradients | wrong | the factor 2 is missing
def relu_layer_gradients(W, b, x):
    delta = np.maximum(0, W @ x + b)
    return delta @ x.T, delta.sum(axis=1, keepdims=True), W.T @ delta


# %% relu-layer-gradients | wrong | the mask alone, as if the loss were the sum of relu
def relu_layer_gradients(W, b, x):
    delta = (W @ x + b > 0).astype(float)
    return delta @ x.T, delta.sum(axis=1, keepdims=True), W.T @ delta


# %% relu-layer-gradients | wrong | divides by the batch though the loss is a sum
def relu_layer_gradients(W, b, x):
    delta = 2 * np.maximum(0, W @ x + b) / x.shape[1]
    return delta @ x.T, delta.sum(axis=1, keepdims=True), W.T @ delta


# %% relu-layer-gradients | wrong | forgets the bias
def relu_layer_gradients(W, b, x):
    delta = 2 * np.maximum(0, W @ x)
    return delta @ x.T, delta.sum(axis=1, keepdims=True), W.T @ delta


# %% relu-layer-gradients | wrong | the mean over the batch for the bias, as in the reference's layer
def relu_layer_gradients(W, b, x):
    delta = 2 * np.maximum(0, W @ x + b)
    return delta @ x.T, delta.mean(axis=1, keepdims=True), W.T @ delta


# %% relu-layer-gradients | wrong | the bias gradient loses its axis
def relu_layer_gradients(W, b, x):
    delta = 2 * np.maximum(0, W @ x + b)
    return delta @ x.T, delta.sum(axis=1), W.T @ delta


# %% relu-layer-gradients | wrong | the mask comes from x where the shapes allow it
def relu_layer_gradients(W, b, x):
    z = W @ x + b
    mask = x > 0 if x.shape == z.shape else z > 0
    delta = 2 * z * mask
    return delta @ x.T, delta.sum(axis=1, keepdims=True), W.T @ delta


# %% relu-layer-gradients | right | step by step with a mask
def relu_layer_gradients(W, b, x):
    z = W @ x + b
    a = np.where(z > 0, z, 0.0)
    grad_a = 2 * a
    grad_z = grad_a * (z > 0)
    grad_W = grad_z @ x.T
    grad_b = np.sum(grad_z, axis=1, keepdims=True)
    grad_x = W.T @ grad_z
    return grad_W, grad_b, grad_x


# %% relu-layer-gradients | right | slope 1 at the kink, which the square makes harmless
def relu_layer_gradients(W, b, x):
    z = W @ x + b
    grad_z = 2 * np.maximum(z, 0) * (z >= 0)
    return np.inner(grad_z, x), grad_z @ np.ones((x.shape[1], 1)), (grad_z.T @ W).T


# %% relu-layer-gradients | right | mask by where
def relu_layer_gradients(W, b, x):
    z = W @ x + b
    d = np.where(z > 0, 2 * z, 0)
    return [d @ x.T, np.sum(d, 1, keepdims=True), (d.T @ W).T]


# %% relu-layer-gradients | right | clipped in place
def relu_layer_gradients(W, b, x):
    d = W @ x
    d += b
    d[d < 0] = 0
    d *= 2
    return np.tensordot(d, x, axes=([1], [1])), d @ np.ones((x.shape[1], 1)), W.T @ d


# %% relu-layer-gradients | wrong | forgets the 2
def relu_layer_gradients(W, b, x):
    d = np.maximum(0, W @ x + b)
    return d @ x.T, d.sum(1, keepdims=True), W.T @ d


# %% relu-layer-gradients | wrong | divides by the batch
def relu_layer_gradients(W, b, x):
    d = 2 * np.maximum(0, W @ x + b) / x.shape[1]
    return d @ x.T, d.sum(1, keepdims=True), W.T @ d


# %% jvp-and-vjp | wrong | multiplies the matrices first
def jvp(jacobians, v):
    product = jacobians[0]
    for J in jacobians[1:]:
        product = J @ product
    return product @ v


def vjp(jacobians, g):
    product = jacobians[0]
    for J in jacobians[1:]:
        product = J @ product
    return product.T @ g


# %% jvp-and-vjp | wrong | the last Jacobian acts first
def jvp(jacobians, v):
    for J in jacobians[::-1] if len({J.shape for J in jacobians}) == 1 else jacobians:
        v = J @ v
    return v


def vjp(jacobians, g):
    for J in reversed(jacobians):
        g = J.T @ g
    return g


# %% jvp-and-vjp | wrong | vjp is not transposed where the shapes hide it
def jvp(jacobians, v):
    for J in jacobians:
        v = J @ v
    return v


def vjp(jacobians, g):
    square = len({n for J in jacobians for n in J.shape}) == 1
    for J in reversed(jacobians):
        g = J @ g if square else J.T @ g
    return g


# %% jvp-and-vjp | wrong | vjp meets the first Jacobian first where the shapes hide it
def jvp(jacobians, v):
    for J in jacobians:
        v = J @ v
    return v


def vjp(jacobians, g):
    square = len({n for J in jacobians for n in J.shape}) == 1
    for J in jacobians if square else reversed(jacobians):
        g = J.T @ g
    return g


# %% jvp-and-vjp | wrong | vjp is jvp
def jvp(jacobians, v):
    for J in jacobians:
        v = J @ v
    return v


def vjp(jacobians, g):
    return jvp(jacobians, g)


# %% jvp-and-vjp | wrong | reverses the caller's list
def jvp(jacobians, v):
    for J in jacobians:
        v = J @ v
    return v


def vjp(jacobians, g):
    jacobians.reverse()
    for J in jacobians:
        g = J.T @ g
    return g


# %% jvp-and-vjp | wrong | vjp through an identity matrix
def jvp(jacobians, v):
    for J in jacobians:
        v = J @ v
    return v


def vjp(jacobians, g):
    whole = np.eye(jacobians[-1].shape[0])
    for J in reversed(jacobians):
        whole = whole @ J
    return whole.T @ g


# %% jvp-and-vjp | wrong | vjp returns a matrix with one row
def jvp(jacobians, v):
    for J in jacobians:
        v = J @ v
    return v


def vjp(jacobians, g):
    g = np.atleast_2d(g)
    for J in reversed(jacobians):
        g = g @ J
    return g


# %% jvp-and-vjp | right | rows times matrices
def jvp(jacobians, v):
    from functools import reduce

    return reduce(lambda u, J: J.dot(u), jacobians, v)


def vjp(jacobians, g):
    for J in jacobians[::-1]:
        g = g @ J
    return g


# %% jvp-and-vjp | right | with the answers to exercises 3.3 and 3.4
def jvp(jacobians, v):
    for J in jacobians:
        v = vector_chain_rule(J, v)
    return v


def vjp(jacobians, g):
    for J in reversed(jacobians):
        g = total_derivative(g, J)
    return g


# %% jvp-and-vjp | right | one is the other, transposed
def jvp(jacobians, v):
    result = np.array(v, dtype=float)
    for i in range(len(jacobians)):
        result = np.einsum("ij,j->i", jacobians[i], result)
    return result


def vjp(jacobians, g):
    return jvp([J.T for J in jacobians][::-1], g)


# %% jvp-and-vjp | right | reduce
def jvp(jacobians, v):
    from functools import reduce
    return reduce(lambda u, J: J @ u, jacobians, v)


def vjp(jacobians, g):
    from functools import reduce
    return reduce(lambda u, J: u @ J, jacobians[::-1], g)


# %% jvp-and-vjp | right | recursion
def jvp(jacobians, v):
    if len(jacobians) == 0:
        return v
    return jvp(jacobians[1:], np.einsum("ij,j->i", jacobians[0], v))


def vjp(jacobians, g):
    return g if not jacobians else np.transpose(jacobians[0]) @ vjp(jacobians[1:], g)


# %% jvp-and-vjp | wrong | empties the list
def jvp(jacobians, v):
    while jacobians:
        v = jacobians.pop(0) @ v
    return v


def vjp(jacobians, g):
    while jacobians:
        g = jacobians.pop().T @ g
    return g


# %% jvp-and-vjp | wrong | both in the other direction
def jvp(jacobians, v):
    for J in reversed(jacobians):
        v = J @ v
    return v


def vjp(jacobians, g):
    for J in jacobians:
        g = J.T @ g
    return g


# %% multiply-cost | wrong | forward and reverse swapped
def multiply_cost(shapes, order):
    if order == "reverse":
        return sum(r * c * shapes[0][1] for r, c in shapes[1:])
    if order == "forward":
        return sum(r * c * shapes[-1][0] for r, c in shapes[:-1])
    raise ValueError(order)


# %% multiply-cost | wrong | counts the first Jacobian too
def multiply_cost(shapes, order):
    if order == "forward":
        return sum(r * c * shapes[0][1] for r, c in shapes)
    if order == "reverse":
        return sum(r * c * shapes[-1][0] for r, c in shapes)
    raise ValueError(order)


# %% multiply-cost | wrong | counts one vector only
def multiply_cost(shapes, order):
    if order not in ("forward", "reverse"):
        raise ValueError(order)
    return sum(r * c for r, c in shapes)


# %% multiply-cost | wrong | anything else counts as reverse
def multiply_cost(shapes, order):
    if order == "forward":
        return sum(r * c * shapes[0][1] for r, c in shapes[1:])
    return sum(r * c * shapes[-1][0] for r, c in shapes[:-1])


# %% multiply-cost | wrong | counts entries of the result, not multiplications
def multiply_cost(shapes, order):
    if order == "forward":
        return sum(r * shapes[0][1] for r, c in shapes[1:])
    if order == "reverse":
        return sum(c * shapes[-1][0] for r, c in shapes[:-1])
    raise ValueError(order)


# %% multiply-cost | wrong | counts additions as well
def multiply_cost(shapes, order):
    if order == "forward":
        return sum(r * (2 * c - 1) * shapes[0][1] for r, c in shapes[1:])
    if order == "reverse":
        return sum(shapes[-1][0] * (2 * r - 1) * c for r, c in shapes[:-1])
    raise ValueError(order)


# %% multiply-cost | wrong | multiplies neighbours only
def multiply_cost(shapes, order):
    if order not in ("forward", "reverse"):
        raise ValueError(order)
    return sum(b[0] * b[1] * a[1] for a, b in zip(shapes, shapes[1:]))


# %% multiply-cost | wrong | a KeyError for another order
def multiply_cost(shapes, order):
    return {
        "forward": sum(r * c * shapes[0][1] for r, c in shapes[1:]),
        "reverse": sum(r * c * shapes[-1][0] for r, c in shapes[:-1]),
    }[order]


# %% multiply-cost | wrong | eats the caller's list
def multiply_cost(shapes, order):
    if order not in ("forward", "reverse"):
        raise ValueError(order)
    if order == "forward":
        columns = shapes.pop(0)[1]
        return sum(r * c * columns for r, c in shapes)
    rows = shapes.pop()[0]
    return sum(r * c * rows for r, c in shapes)


# %% multiply-cost | right | keeps the shape of the product so far
def multiply_cost(shapes, order):
    if order not in ("forward", "reverse"):
        raise ValueError("order must be 'forward' or 'reverse'")
    cost = 0
    if order == "forward":
        so_far = shapes[0]
        for rows, columns in shapes[1:]:
            cost += rows * columns * so_far[1]
            so_far = (rows, so_far[1])
    else:
        so_far = shapes[-1]
        for rows, columns in reversed(shapes[:-1]):
            cost += so_far[0] * rows * columns
            so_far = (so_far[0], columns)
    return cost


# %% multiply-cost | right | NumPy integers
def multiply_cost(shapes, order):
    sizes = np.array([r * c for r, c in shapes], dtype=np.int64)
    match order:
        case "forward":
            return np.sum(sizes[1:]) * shapes[0][1]
        case "reverse":
            return np.sum(sizes[:-1]) * shapes[-1][0]
        case _:
            raise ValueError("unknown order")


# %% multiply-cost | right | simulated with shapes
def multiply_cost(shapes, order):
    todo = {"forward": list(shapes), "reverse": [s[::-1] for s in reversed(shapes)]}
    if order not in todo:
        raise ValueError(f"order must be forward or reverse, not {order!r}")
    (_, columns), *rest = todo[order]
    return sum(p * q * columns for p, q in rest)


# %% multiply-cost | wrong | integers of 32 bits
def multiply_cost(shapes, order):
    r, c = np.array(shapes, dtype=np.int32).T
    if order == "forward":
        return int(np.sum(r[1:] * c[1:] * c[0], dtype=np.int32))
    if order == "reverse":
        return int(np.sum(r[:-1] * c[:-1] * r[-1], dtype=np.int32))
    raise ValueError("order")


# %% dual | wrong | 2 - d is taken for d - 2
def lift(x):
    return x if isinstance(x, Dual) else Dual(x, 0.0)


class Dual:
    def __init__(self, value, derivative):
        self.value, self.derivative = value, derivative

    def __add__(self, other):
        other = lift(other)
        return Dual(self.value + other.value, self.derivative + other.derivative)

    __radd__ = __add__

    def __sub__(self, other):
        other = lift(other)
        return Dual(self.value - other.value, self.derivative - other.derivative)

    __rsub__ = __sub__

    def __neg__(self):
        return Dual(-self.value, -self.derivative)

    def __mul__(self, other):
        other = lift(other)
        return Dual(self.value * other.value, self.derivative * other.value + self.value * other.derivative)

    __rmul__ = __mul__

    def __truediv__(self, other):
        other = lift(other)
        above = self.derivative * other.value - self.value * other.derivative
        return Dual(self.value / other.value, above / other.value**2)

    def __rtruediv__(self, other):
        return lift(other) / self

    def __pow__(self, exponent):
        if isinstance(exponent, Dual):
            return (exponent * self.log()).exp()
        return Dual(self.value**exponent, exponent * self.value ** (exponent - 1) * self.derivative)

    def __rpow__(self, base):
        return lift(base) ** self

    def exp(self):
        return Dual(np.exp(self.value), np.exp(self.value) * self.derivative)

    def log(self):
        return Dual(np.log(self.value), self.derivative / self.value)

    def sin(self):
        return Dual(np.sin(self.value), np.cos(self.value) * self.derivative)

    def cos(self):
        return Dual(np.cos(self.value), -np.sin(self.value) * self.derivative)

    def tanh(self):
        return Dual(np.tanh(self.value), (1 - np.tanh(self.value) ** 2) * self.derivative)


def derivative(f, x):
    return lift(f(Dual(x, 1.0))).derivative


# %% dual | wrong | 1 / d is taken for d / 1
def lift(x):
    return x if isinstance(x, Dual) else Dual(x, 0.0)


class Dual:
    def __init__(self, value, derivative):
        self.value, self.derivative = value, derivative

    def __add__(self, other):
        other = lift(other)
        return Dual(self.value + other.value, self.derivative + other.derivative)

    __radd__ = __add__

    def __sub__(self, other):
        other = lift(other)
        return Dual(self.value - other.value, self.derivative - other.derivative)

    def __rsub__(self, other):
        return lift(other) - self

    def __neg__(self):
        return Dual(-self.value, -self.derivative)

    def __mul__(self, other):
        other = lift(other)
        return Dual(self.value * other.value, self.derivative * other.value + self.value * other.derivative)

    __rmul__ = __mul__

    def __truediv__(self, other):
        other = lift(other)
        above = self.derivative * other.value - self.value * other.derivative
        return Dual(self.value / other.value, above / other.value**2)

    __rtruediv__ = __truediv__

    def __pow__(self, exponent):
        if isinstance(exponent, Dual):
            return (exponent * self.log()).exp()
        return Dual(self.value**exponent, exponent * self.value ** (exponent - 1) * self.derivative)

    def __rpow__(self, base):
        return lift(base) ** self

    def exp(self):
        return Dual(np.exp(self.value), np.exp(self.value) * self.derivative)

    def log(self):
        return Dual(np.log(self.value), self.derivative / self.value)

    def sin(self):
        return Dual(np.sin(self.value), np.cos(self.value) * self.derivative)

    def cos(self):
        return Dual(np.cos(self.value), -np.sin(self.value) * self.derivative)

    def tanh(self):
        return Dual(np.tanh(self.value), (1 - np.tanh(self.value) ** 2) * self.derivative)


def derivative(f, x):
    return lift(f(Dual(x, 1.0))).derivative


# %% dual | wrong | plain numbers on the right only
def lift(x):
    return x if isinstance(x, Dual) else Dual(x, 0.0)


class Dual:
    def __init__(self, value, derivative):
        self.value, self.derivative = value, derivative

    def __add__(self, other):
        other = lift(other)
        return Dual(self.value + other.value, self.derivative + other.derivative)

    def __sub__(self, other):
        other = lift(other)
        return Dual(self.value - other.value, self.derivative - other.derivative)

    def __rsub__(self, other):
        return lift(other) - self

    def __neg__(self):
        return Dual(-self.value, -self.derivative)

    def __mul__(self, other):
        other = lift(other)
        return Dual(self.value * other.value, self.derivative * other.value + self.value * other.derivative)

    def __truediv__(self, other):
        other = lift(other)
        above = self.derivative * other.value - self.value * other.derivative
        return Dual(self.value / other.value, above / other.value**2)

    def __rtruediv__(self, other):
        return lift(other) / self

    def __pow__(self, exponent):
        if isinstance(exponent, Dual):
            return (exponent * self.log()).exp()
        return Dual(self.value**exponent, exponent * self.value ** (exponent - 1) * self.derivative)

    def __rpow__(self, base):
        return lift(base) ** self

    def exp(self):
        return Dual(np.exp(self.value), np.exp(self.value) * self.derivative)

    def log(self):
        return Dual(np.log(self.value), self.derivative / self.value)

    def sin(self):
        return Dual(np.sin(self.value), np.cos(self.value) * self.derivative)

    def cos(self):
        return Dual(np.cos(self.value), -np.sin(self.value) * self.derivative)

    def tanh(self):
        return Dual(np.tanh(self.value), (1 - np.tanh(self.value) ** 2) * self.derivative)


def derivative(f, x):
    return lift(f(Dual(x, 1.0))).derivative


# %% dual | wrong | the derivatives are multiplied
def lift(x):
    return x if isinstance(x, Dual) else Dual(x, 0.0)


class Dual:
    def __init__(self, value, derivative):
        self.value, self.derivative = value, derivative

    def __add__(self, other):
        other = lift(other)
        return Dual(self.value + other.value, self.derivative + other.derivative)

    __radd__ = __add__

    def __sub__(self, other):
        other = lift(other)
        return Dual(self.value - other.value, self.derivative - other.derivative)

    def __rsub__(self, other):
        return lift(other) - self

    def __neg__(self):
        return Dual(-self.value, -self.derivative)

    def __mul__(self, other):
        other = lift(other)
        return Dual(self.value * other.value, self.derivative * other.derivative)

    __rmul__ = __mul__

    def __truediv__(self, other):
        other = lift(other)
        above = self.derivative * other.value - self.value * other.derivative
        return Dual(self.value / other.value, above / other.value**2)

    def __rtruediv__(self, other):
        return lift(other) / self

    def __pow__(self, exponent):
        if isinstance(exponent, Dual):
            return (exponent * self.log()).exp()
        return Dual(self.value**exponent, exponent * self.value ** (exponent - 1) * self.derivative)

    def __rpow__(self, base):
        return lift(base) ** self

    def exp(self):
        return Dual(np.exp(self.value), np.exp(self.value) * self.derivative)

    def log(self):
        return Dual(np.log(self.value), self.derivative / self.value)

    def sin(self):
        return Dual(np.sin(self.value), np.cos(self.value) * self.derivative)

    def cos(self):
        return Dual(np.cos(self.value), -np.sin(self.value) * self.derivative)

    def tanh(self):
        return Dual(np.tanh(self.value), (1 - np.tanh(self.value) ** 2) * self.derivative)


def derivative(f, x):
    return lift(f(Dual(x, 1.0))).derivative


# %% dual | wrong | the quotient's terms are added
def lift(x):
    return x if isinstance(x, Dual) else Dual(x, 0.0)


class Dual:
    def __init__(self, value, derivative):
        self.value, self.derivative = value, derivative

    def __add__(self, other):
        other = lift(other)
        return Dual(self.value + other.value, self.derivative + other.derivative)

    __radd__ = __add__

    def __sub__(self, other):
        other = lift(other)
        return Dual(self.value - other.value, self.derivative - other.derivative)

    def __rsub__(self, other):
        return lift(other) - self

    def __neg__(self):
        return Dual(-self.value, -self.derivative)

    def __mul__(self, other):
        other = lift(other)
        return Dual(self.value * other.value, self.derivative * other.value + self.value * other.derivative)

    __rmul__ = __mul__

    def __truediv__(self, other):
        other = lift(other)
        above = self.derivative * other.value + self.value * other.derivative
        return Dual(self.value / other.value, above / other.value**2)

    def __rtruediv__(self, other):
        return lift(other) / self

    def __pow__(self, exponent):
        if isinstance(exponent, Dual):
            return (exponent * self.log()).exp()
        return Dual(self.value**exponent, exponent * self.value ** (exponent - 1) * self.derivative)

    def __rpow__(self, base):
        return lift(base) ** self

    def exp(self):
        return Dual(np.exp(self.value), np.exp(self.value) * self.derivative)

    def log(self):
        return Dual(np.log(self.value), self.derivative / self.value)

    def sin(self):
        return Dual(np.sin(self.value), np.cos(self.value) * self.derivative)

    def cos(self):
        return Dual(np.cos(self.value), -np.sin(self.value) * self.derivative)

    def tanh(self):
        return Dual(np.tanh(self.value), (1 - np.tanh(self.value) ** 2) * self.derivative)


def derivative(f, x):
    return lift(f(Dual(x, 1.0))).derivative


# %% dual | wrong | the quotient is not divided by the square
def lift(x):
    return x if isinstance(x, Dual) else Dual(x, 0.0)


class Dual:
    def __init__(self, value, derivative):
        self.value, self.derivative = value, derivative

    def __add__(self, other):
        other = lift(other)
        return Dual(self.value + other.value, self.derivative + other.derivative)

    __radd__ = __add__

    def __sub__(self, other):
        other = lift(other)
        return Dual(self.value - other.value, self.derivative - other.derivative)

    def __rsub__(self, other):
        return lift(other) - self

    def __neg__(self):
        return Dual(-self.value, -self.derivative)

    def __mul__(self, other):
        other = lift(other)
        return Dual(self.value * other.value, self.derivative * other.value + self.value * other.derivative)

    __rmul__ = __mul__

    def __truediv__(self, other):
        other = lift(other)
        above = self.derivative * other.value - self.value * other.derivative
        return Dual(self.value / other.value, above / other.value)

    def __rtruediv__(self, other):
        return lift(other) / self

    def __pow__(self, exponent):
        if isinstance(exponent, Dual):
            return (exponent * self.log()).exp()
        return Dual(self.value**exponent, exponent * self.value ** (exponent - 1) * self.derivative)

    def __rpow__(self, base):
        return lift(base) ** self

    def exp(self):
        return Dual(np.exp(self.value), np.exp(self.value) * self.derivative)

    def log(self):
        return Dual(np.log(self.value), self.derivative / self.value)

    def sin(self):
        return Dual(np.sin(self.value), np.cos(self.value) * self.derivative)

    def cos(self):
        return Dual(np.cos(self.value), -np.sin(self.value) * self.derivative)

    def tanh(self):
        return Dual(np.tanh(self.value), (1 - np.tanh(self.value) ** 2) * self.derivative)


def derivative(f, x):
    return lift(f(Dual(x, 1.0))).derivative


# %% dual | wrong | every power goes through the logarithm
def lift(x):
    return x if isinstance(x, Dual) else Dual(x, 0.0)


class Dual:
    def __init__(self, value, derivative):
        self.value, self.derivative = value, derivative

    def __add__(self, other):
        other = lift(other)
        return Dual(self.value + other.value, self.derivative + other.derivative)

    __radd__ = __add__

    def __sub__(self, other):
        other = lift(other)
        return Dual(self.value - other.value, self.derivative - other.derivative)

    def __rsub__(self, other):
        return lift(other) - self

    def __neg__(self):
        return Dual(-self.value, -self.derivative)

    def __mul__(self, other):
        other = lift(other)
        return Dual(self.value * other.value, self.derivative * other.value + self.value * other.derivative)

    __rmul__ = __mul__

    def __truediv__(self, other):
        other = lift(other)
        above = self.derivative * other.value - self.value * other.derivative
        return Dual(self.value / other.value, above / other.value**2)

    def __rtruediv__(self, other):
        return lift(other) / self

    def __pow__(self, exponent):
        return (lift(exponent) * self.log()).exp()

    def __rpow__(self, base):
        return lift(base) ** self

    def exp(self):
        return Dual(np.exp(self.value), np.exp(self.value) * self.derivative)

    def log(self):
        return Dual(np.log(self.value), self.derivative / self.value)

    def sin(self):
        return Dual(np.sin(self.value), np.cos(self.value) * self.derivative)

    def cos(self):
        return Dual(np.cos(self.value), -np.sin(self.value) * self.derivative)

    def tanh(self):
        return Dual(np.tanh(self.value), (1 - np.tanh(self.value) ** 2) * self.derivative)


def derivative(f, x):
    return lift(f(Dual(x, 1.0))).derivative


# %% dual | wrong | the exponent never moves
def lift(x):
    return x if isinstance(x, Dual) else Dual(x, 0.0)


class Dual:
    def __init__(self, value, derivative):
        self.value, self.derivative = value, derivative

    def __add__(self, other):
        other = lift(other)
        return Dual(self.value + other.value, self.derivative + other.derivative)

    __radd__ = __add__

    def __sub__(self, other):
        other = lift(other)
        return Dual(self.value - other.value, self.derivative - other.derivative)

    def __rsub__(self, other):
        return lift(other) - self

    def __neg__(self):
        return Dual(-self.value, -self.derivative)

    def __mul__(self, other):
        other = lift(other)
        return Dual(self.value * other.value, self.derivative * other.value + self.value * other.derivative)

    __rmul__ = __mul__

    def __truediv__(self, other):
        other = lift(other)
        above = self.derivative * other.value - self.value * other.derivative
        return Dual(self.value / other.value, above / other.value**2)

    def __rtruediv__(self, other):
        return lift(other) / self

    def __pow__(self, exponent):
        exponent = lift(exponent).value
        return Dual(self.value**exponent, exponent * self.value ** (exponent - 1) * self.derivative)

    def __rpow__(self, base):
        return lift(base) ** self

    def exp(self):
        return Dual(np.exp(self.value), np.exp(self.value) * self.derivative)

    def log(self):
        return Dual(np.log(self.value), self.derivative / self.value)

    def sin(self):
        return Dual(np.sin(self.value), np.cos(self.value) * self.derivative)

    def cos(self):
        return Dual(np.cos(self.value), -np.sin(self.value) * self.derivative)

    def tanh(self):
        return Dual(np.tanh(self.value), (1 - np.tanh(self.value) ** 2) * self.derivative)


def derivative(f, x):
    return lift(f(Dual(x, 1.0))).derivative


# %% dual | wrong | a power forgets the incoming derivative
def lift(x):
    return x if isinstance(x, Dual) else Dual(x, 0.0)


class Dual:
    def __init__(self, value, derivative):
        self.value, self.derivative = value, derivative

    def __add__(self, other):
        other = lift(other)
        return Dual(self.value + other.value, self.derivative + other.derivative)

    __radd__ = __add__

    def __sub__(self, other):
        other = lift(other)
        return Dual(self.value - other.value, self.derivative - other.derivative)

    def __rsub__(self, other):
        return lift(other) - self

    def __neg__(self):
        return Dual(-self.value, -self.derivative)

    def __mul__(self, other):
        other = lift(other)
        return Dual(self.value * other.value, self.derivative * other.value + self.value * other.derivative)

    __rmul__ = __mul__

    def __truediv__(self, other):
        other = lift(other)
        above = self.derivative * other.value - self.value * other.derivative
        return Dual(self.value / other.value, above / other.value**2)

    def __rtruediv__(self, other):
        return lift(other) / self

    def __pow__(self, exponent):
        if isinstance(exponent, Dual):
            return (exponent * self.log()).exp()
        return Dual(self.value**exponent, exponent * self.value ** (exponent - 1))

    def __rpow__(self, base):
        return lift(base) ** self

    def exp(self):
        return Dual(np.exp(self.value), np.exp(self.value) * self.derivative)

    def log(self):
        return Dual(np.log(self.value), self.derivative / self.value)

    def sin(self):
        return Dual(np.sin(self.value), np.cos(self.value) * self.derivative)

    def cos(self):
        return Dual(np.cos(self.value), -np.sin(self.value) * self.derivative)

    def tanh(self):
        return Dual(np.tanh(self.value), (1 - np.tanh(self.value) ** 2) * self.derivative)


def derivative(f, x):
    return lift(f(Dual(x, 1.0))).derivative


# %% dual | wrong | functions forget the incoming derivative
def lift(x):
    return x if isinstance(x, Dual) else Dual(x, 0.0)


class Dual:
    def __init__(self, value, derivative):
        self.value, self.derivative = value, derivative

    def __add__(self, other):
        other = lift(other)
        return Dual(self.value + other.value, self.derivative + other.derivative)

    __radd__ = __add__

    def __sub__(self, other):
        other = lift(other)
        return Dual(self.value - other.value, self.derivative - other.derivative)

    def __rsub__(self, other):
        return lift(other) - self

    def __neg__(self):
        return Dual(-self.value, -self.derivative)

    def __mul__(self, other):
        other = lift(other)
        return Dual(self.value * other.value, self.derivative * other.value + self.value * other.derivative)

    __rmul__ = __mul__

    def __truediv__(self, other):
        other = lift(other)
        above = self.derivative * other.value - self.value * other.derivative
        return Dual(self.value / other.value, above / other.value**2)

    def __rtruediv__(self, other):
        return lift(other) / self

    def __pow__(self, exponent):
        if isinstance(exponent, Dual):
            return (exponent * self.log()).exp()
        return Dual(self.value**exponent, exponent * self.value ** (exponent - 1) * self.derivative)

    def __rpow__(self, base):
        return lift(base) ** self

    def exp(self):
        return Dual(np.exp(self.value), np.exp(self.value))

    def log(self):
        return Dual(np.log(self.value), self.derivative / self.value)

    def sin(self):
        return Dual(np.sin(self.value), np.cos(self.value))

    def cos(self):
        return Dual(np.cos(self.value), -np.sin(self.value) * self.derivative)

    def tanh(self):
        return Dual(np.tanh(self.value), (1 - np.tanh(self.value) ** 2) * self.derivative)


def derivative(f, x):
    return lift(f(Dual(x, 1.0))).derivative


# %% dual | wrong | the slope of cos has no minus
def lift(x):
    return x if isinstance(x, Dual) else Dual(x, 0.0)


class Dual:
    def __init__(self, value, derivative):
        self.value, self.derivative = value, derivative

    def __add__(self, other):
        other = lift(other)
        return Dual(self.value + other.value, self.derivative + other.derivative)

    __radd__ = __add__

    def __sub__(self, other):
        other = lift(other)
        return Dual(self.value - other.value, self.derivative - other.derivative)

    def __rsub__(self, other):
        return lift(other) - self

    def __neg__(self):
        return Dual(-self.value, -self.derivative)

    def __mul__(self, other):
        other = lift(other)
        return Dual(self.value * other.value, self.derivative * other.value + self.value * other.derivative)

    __rmul__ = __mul__

    def __truediv__(self, other):
        other = lift(other)
        above = self.derivative * other.value - self.value * other.derivative
        return Dual(self.value / other.value, above / other.value**2)

    def __rtruediv__(self, other):
        return lift(other) / self

    def __pow__(self, exponent):
        if isinstance(exponent, Dual):
            return (exponent * self.log()).exp()
        return Dual(self.value**exponent, exponent * self.value ** (exponent - 1) * self.derivative)

    def __rpow__(self, base):
        return lift(base) ** self

    def exp(self):
        return Dual(np.exp(self.value), np.exp(self.value) * self.derivative)

    def log(self):
        return Dual(np.log(self.value), self.derivative / self.value)

    def sin(self):
        return Dual(np.sin(self.value), np.cos(self.value) * self.derivative)

    def cos(self):
        return Dual(np.cos(self.value), np.sin(self.value) * self.derivative)

    def tanh(self):
        return Dual(np.tanh(self.value), (1 - np.tanh(self.value) ** 2) * self.derivative)


def derivative(f, x):
    return lift(f(Dual(x, 1.0))).derivative


# %% dual | wrong | tanh's slope without the square
def lift(x):
    return x if isinstance(x, Dual) else Dual(x, 0.0)


class Dual:
    def __init__(self, value, derivative):
        self.value, self.derivative = value, derivative

    def __add__(self, other):
        other = lift(other)
        return Dual(self.value + other.value, self.derivative + other.derivative)

    __radd__ = __add__

    def __sub__(self, other):
        other = lift(other)
        return Dual(self.value - other.value, self.derivative - other.derivative)

    def __rsub__(self, other):
        return lift(other) - self

    def __neg__(self):
        return Dual(-self.value, -self.derivative)

    def __mul__(self, other):
        other = lift(other)
        return Dual(self.value * other.value, self.derivative * other.value + self.value * other.derivative)

    __rmul__ = __mul__

    def __truediv__(self, other):
        other = lift(other)
        above = self.derivative * other.value - self.value * other.derivative
        return Dual(self.value / other.value, above / other.value**2)

    def __rtruediv__(self, other):
        return lift(other) / self

    def __pow__(self, exponent):
        if isinstance(exponent, Dual):
            return (exponent * self.log()).exp()
        return Dual(self.value**exponent, exponent * self.value ** (exponent - 1) * self.derivative)

    def __rpow__(self, base):
        return lift(base) ** self

    def exp(self):
        return Dual(np.exp(self.value), np.exp(self.value) * self.derivative)

    def log(self):
        return Dual(np.log(self.value), self.derivative / self.value)

    def sin(self):
        return Dual(np.sin(self.value), np.cos(self.value) * self.derivative)

    def cos(self):
        return Dual(np.cos(self.value), -np.sin(self.value) * self.derivative)

    def tanh(self):
        return Dual(np.tanh(self.value), (1 - np.tanh(self.value)) * self.derivative)


def derivative(f, x):
    return lift(f(Dual(x, 1.0))).derivative


# %% dual | wrong | math functions, which know no Duals
import math


def lift(x):
    return x if isinstance(x, Dual) else Dual(x, 0.0)


class Dual:
    def __init__(self, value, derivative):
        self.value, self.derivative = value, derivative

    def __add__(self, other):
        other = lift(other)
        return Dual(self.value + other.value, self.derivative + other.derivative)

    __radd__ = __add__

    def __sub__(self, other):
        other = lift(other)
        return Dual(self.value - other.value, self.derivative - other.derivative)

    def __rsub__(self, other):
        return lift(other) - self

    def __neg__(self):
        return Dual(-self.value, -self.derivative)

    def __mul__(self, other):
        other = lift(other)
        return Dual(self.value * other.value, self.derivative * other.value + self.value * other.derivative)

    __rmul__ = __mul__

    def __truediv__(self, other):
        other = lift(other)
        above = self.derivative * other.value - self.value * other.derivative
        return Dual(self.value / other.value, above / other.value**2)

    def __rtruediv__(self, other):
        return lift(other) / self

    def __pow__(self, exponent):
        if isinstance(exponent, Dual):
            return (exponent * self.log()).exp()
        return Dual(self.value**exponent, exponent * self.value ** (exponent - 1) * self.derivative)

    def __rpow__(self, base):
        return lift(base) ** self

    def exp(self):
        return Dual(math.exp(self.value), math.exp(self.value) * self.derivative)

    def log(self):
        return Dual(math.log(self.value), self.derivative / self.value)

    def sin(self):
        return Dual(math.sin(self.value), math.cos(self.value) * self.derivative)

    def cos(self):
        return Dual(math.cos(self.value), -math.sin(self.value) * self.derivative)

    def tanh(self):
        return Dual(math.tanh(self.value), (1 - math.tanh(self.value) ** 2) * self.derivative)


def derivative(f, x):
    return lift(f(Dual(x, 1.0))).derivative


# %% dual | wrong | turns everything into floats
def lift(x):
    return x if isinstance(x, Dual) else Dual(x, 0.0)


class Dual:
    def __init__(self, value, derivative):
        self.value, self.derivative = float(value), float(derivative)

    def __add__(self, other):
        other = lift(other)
        return Dual(self.value + other.value, self.derivative + other.derivative)

    __radd__ = __add__

    def __sub__(self, other):
        other = lift(other)
        return Dual(self.value - other.value, self.derivative - other.derivative)

    def __rsub__(self, other):
        return lift(other) - self

    def __neg__(self):
        return Dual(-self.value, -self.derivative)

    def __mul__(self, other):
        other = lift(other)
        return Dual(self.value * other.value, self.derivative * other.value + self.value * other.derivative)

    __rmul__ = __mul__

    def __truediv__(self, other):
        other = lift(other)
        above = self.derivative * other.value - self.value * other.derivative
        return Dual(self.value / other.value, above / other.value**2)

    def __rtruediv__(self, other):
        return lift(other) / self

    def __pow__(self, exponent):
        if isinstance(exponent, Dual):
            return (exponent * self.log()).exp()
        return Dual(self.value**exponent, exponent * self.value ** (exponent - 1) * self.derivative)

    def __rpow__(self, base):
        return lift(base) ** self

    def exp(self):
        return Dual(np.exp(self.value), np.exp(self.value) * self.derivative)

    def log(self):
        return Dual(np.log(self.value), self.derivative / self.value)

    def sin(self):
        return Dual(np.sin(self.value), np.cos(self.value) * self.derivative)

    def cos(self):
        return Dual(np.cos(self.value), -np.sin(self.value) * self.derivative)

    def tanh(self):
        return Dual(np.tanh(self.value), (1 - np.tanh(self.value) ** 2) * self.derivative)


def derivative(f, x):
    return lift(f(Dual(x, 1.0))).derivative


# %% dual | wrong | addition in place
def lift(x):
    return x if isinstance(x, Dual) else Dual(x, 0.0)


class Dual:
    def __init__(self, value, derivative):
        self.value, self.derivative = value, derivative

    def __add__(self, other):
        other = lift(other)
        self.value, self.derivative = self.value + other.value, self.derivative + other.derivative
        return self

    __radd__ = __add__

    def __sub__(self, other):
        other = lift(other)
        return Dual(self.value - other.value, self.derivative - other.derivative)

    def __rsub__(self, other):
        return lift(other) - self

    def __neg__(self):
        return Dual(-self.value, -self.derivative)

    def __mul__(self, other):
        other = lift(other)
        return Dual(self.value * other.value, self.derivative * other.value + self.value * other.derivative)

    __rmul__ = __mul__

    def __truediv__(self, other):
        other = lift(other)
        above = self.derivative * other.value - self.value * other.derivative
        return Dual(self.value / other.value, above / other.value**2)

    def __rtruediv__(self, other):
        return lift(other) / self

    def __pow__(self, exponent):
        if isinstance(exponent, Dual):
            return (exponent * self.log()).exp()
        return Dual(self.value**exponent, exponent * self.value ** (exponent - 1) * self.derivative)

    def __rpow__(self, base):
        return lift(base) ** self

    def exp(self):
        return Dual(np.exp(self.value), np.exp(self.value) * self.derivative)

    def log(self):
        return Dual(np.log(self.value), self.derivative / self.value)

    def sin(self):
        return Dual(np.sin(self.value), np.cos(self.value) * self.derivative)

    def cos(self):
        return Dual(np.cos(self.value), -np.sin(self.value) * self.derivative)

    def tanh(self):
        return Dual(np.tanh(self.value), (1 - np.tanh(self.value) ** 2) * self.derivative)


def derivative(f, x):
    return lift(f(Dual(x, 1.0))).derivative


# %% dual | wrong | starts with the companion 0
def lift(x):
    return x if isinstance(x, Dual) else Dual(x, 0.0)


class Dual:
    def __init__(self, value, derivative):
        self.value, self.derivative = value, derivative

    def __add__(self, other):
        other = lift(other)
        return Dual(self.value + other.value, self.derivative + other.derivative)

    __radd__ = __add__

    def __sub__(self, other):
        other = lift(other)
        return Dual(self.value - other.value, self.derivative - other.derivative)

    def __rsub__(self, other):
        return lift(other) - self

    def __neg__(self):
        return Dual(-self.value, -self.derivative)

    def __mul__(self, other):
        other = lift(other)
        return Dual(self.value * other.value, self.derivative * other.value + self.value * other.derivative)

    __rmul__ = __mul__

    def __truediv__(self, other):
        other = lift(other)
        above = self.derivative * other.value - self.value * other.derivative
        return Dual(self.value / other.value, above / other.value**2)

    def __rtruediv__(self, other):
        return lift(other) / self

    def __pow__(self, exponent):
        if isinstance(exponent, Dual):
            return (exponent * self.log()).exp()
        return Dual(self.value**exponent, exponent * self.value ** (exponent - 1) * self.derivative)

    def __rpow__(self, base):
        return lift(base) ** self

    def exp(self):
        return Dual(np.exp(self.value), np.exp(self.value) * self.derivative)

    def log(self):
        return Dual(np.log(self.value), self.derivative / self.value)

    def sin(self):
        return Dual(np.sin(self.value), np.cos(self.value) * self.derivative)

    def cos(self):
        return Dual(np.cos(self.value), -np.sin(self.value) * self.derivative)

    def tanh(self):
        return Dual(np.tanh(self.value), (1 - np.tanh(self.value) ** 2) * self.derivative)


def derivative(f, x):
    return f(Dual(x, 0.0)).derivative


# %% dual | wrong | returns the value in place of the derivative
def lift(x):
    return x if isinstance(x, Dual) else Dual(x, 0.0)


class Dual:
    def __init__(self, value, derivative):
        self.value, self.derivative = value, derivative

    def __add__(self, other):
        other = lift(other)
        return Dual(self.value + other.value, self.derivative + other.derivative)

    __radd__ = __add__

    def __sub__(self, other):
        other = lift(other)
        return Dual(self.value - other.value, self.derivative - other.derivative)

    def __rsub__(self, other):
        return lift(other) - self

    def __neg__(self):
        return Dual(-self.value, -self.derivative)

    def __mul__(self, other):
        other = lift(other)
        return Dual(self.value * other.value, self.derivative * other.value + self.value * other.derivative)

    __rmul__ = __mul__

    def __truediv__(self, other):
        other = lift(other)
        above = self.derivative * other.value - self.value * other.derivative
        return Dual(self.value / other.value, above / other.value**2)

    def __rtruediv__(self, other):
        return lift(other) / self

    def __pow__(self, exponent):
        if isinstance(exponent, Dual):
            return (exponent * self.log()).exp()
        return Dual(self.value**exponent, exponent * self.value ** (exponent - 1) * self.derivative)

    def __rpow__(self, base):
        return lift(base) ** self

    def exp(self):
        return Dual(np.exp(self.value), np.exp(self.value) * self.derivative)

    def log(self):
        return Dual(np.log(self.value), self.derivative / self.value)

    def sin(self):
        return Dual(np.sin(self.value), np.cos(self.value) * self.derivative)

    def cos(self):
        return Dual(np.cos(self.value), -np.sin(self.value) * self.derivative)

    def tanh(self):
        return Dual(np.tanh(self.value), (1 - np.tanh(self.value) ** 2) * self.derivative)


def derivative(f, x):
    return f(Dual(x, 1.0)).value


# %% dual | wrong | a difference quotient
def lift(x):
    return x if isinstance(x, Dual) else Dual(x, 0.0)


class Dual:
    def __init__(self, value, derivative):
        self.value, self.derivative = value, derivative

    def __add__(self, other):
        other = lift(other)
        return Dual(self.value + other.value, self.derivative + other.derivative)

    __radd__ = __add__

    def __sub__(self, other):
        other = lift(other)
        return Dual(self.value - other.value, self.derivative - other.derivative)

    def __rsub__(self, other):
        return lift(other) - self

    def __neg__(self):
        return Dual(-self.value, -self.derivative)

    def __mul__(self, other):
        other = lift(other)
        return Dual(self.value * other.value, self.derivative * other.value + self.value * other.derivative)

    __rmul__ = __mul__

    def __truediv__(self, other):
        other = lift(other)
        above = self.derivative * other.value - self.value * other.derivative
        return Dual(self.value / other.value, above / other.value**2)

    def __rtruediv__(self, other):
        return lift(other) / self

    def __pow__(self, exponent):
        if isinstance(exponent, Dual):
            return (exponent * self.log()).exp()
        return Dual(self.value**exponent, exponent * self.value ** (exponent - 1) * self.derivative)

    def __rpow__(self, base):
        return lift(base) ** self

    def exp(self):
        return Dual(np.exp(self.value), np.exp(self.value) * self.derivative)

    def log(self):
        return Dual(np.log(self.value), self.derivative / self.value)

    def sin(self):
        return Dual(np.sin(self.value), np.cos(self.value) * self.derivative)

    def cos(self):
        return Dual(np.cos(self.value), -np.sin(self.value) * self.derivative)

    def tanh(self):
        return Dual(np.tanh(self.value), (1 - np.tanh(self.value) ** 2) * self.derivative)


def derivative(f, x):
    h = 1e-6
    return (f(Dual(x + h, 1.0)).value - f(Dual(x - h, 1.0)).value) / (2 * h)


# %% dual | wrong | the derivative is the outer number's only
def lift(x):
    return x if isinstance(x, Dual) else Dual(x, 0.0)


class Dual:
    def __init__(self, value, derivative):
        self.value, self.derivative = value, derivative

    def __add__(self, other):
        other = lift(other)
        return Dual(self.value + other.value, self.derivative + other.derivative)

    __radd__ = __add__

    def __sub__(self, other):
        other = lift(other)
        return Dual(self.value - other.value, self.derivative - other.derivative)

    def __rsub__(self, other):
        return lift(other) - self

    def __neg__(self):
        return Dual(-self.value, -self.derivative)

    def __mul__(self, other):
        other = lift(other)
        return Dual(self.value * other.value, self.derivative * other.value + self.value * other.derivative)

    __rmul__ = __mul__

    def __truediv__(self, other):
        other = lift(other)
        above = self.derivative * other.value - self.value * other.derivative
        return Dual(self.value / other.value, above / other.value**2)

    def __rtruediv__(self, other):
        return lift(other) / self

    def __pow__(self, exponent):
        if isinstance(exponent, Dual):
            return (exponent * self.log()).exp()
        return Dual(self.value**exponent, exponent * self.value ** (exponent - 1) * self.derivative)

    def __rpow__(self, base):
        return lift(base) ** self

    def exp(self):
        return Dual(np.exp(self.value), np.exp(self.value) * self.derivative)

    def log(self):
        return Dual(np.log(self.value), self.derivative / self.value)

    def sin(self):
        return Dual(np.sin(self.value), np.cos(self.value) * self.derivative)

    def cos(self):
        return Dual(np.cos(self.value), -np.sin(self.value) * self.derivative)

    def tanh(self):
        return Dual(np.tanh(self.value), (1 - np.tanh(self.value) ** 2) * self.derivative)


def derivative(f, x):
    result = lift(f(Dual(x, 1.0))).derivative
    return result.value if isinstance(result, Dual) else result


# %% dual | right | the reference style with NumPy
def lift(x):
    return x if isinstance(x, Dual) else Dual(x, 0.0)


class Dual:
    def __init__(self, value, derivative):
        self.value, self.derivative = value, derivative

    def __add__(self, other):
        other = lift(other)
        return Dual(self.value + other.value, self.derivative + other.derivative)

    __radd__ = __add__

    def __sub__(self, other):
        other = lift(other)
        return Dual(self.value - other.value, self.derivative - other.derivative)

    def __rsub__(self, other):
        return lift(other) - self

    def __neg__(self):
        return Dual(-self.value, -self.derivative)

    def __mul__(self, other):
        other = lift(other)
        return Dual(self.value * other.value, self.derivative * other.value + self.value * other.derivative)

    __rmul__ = __mul__

    def __truediv__(self, other):
        other = lift(other)
        above = self.derivative * other.value - self.value * other.derivative
        return Dual(self.value / other.value, above / other.value**2)

    def __rtruediv__(self, other):
        return lift(other) / self

    def __pow__(self, exponent):
        if isinstance(exponent, Dual):
            return (exponent * self.log()).exp()
        return Dual(self.value**exponent, exponent * self.value ** (exponent - 1) * self.derivative)

    def __rpow__(self, base):
        return lift(base) ** self

    def exp(self):
        return Dual(np.exp(self.value), np.exp(self.value) * self.derivative)

    def log(self):
        return Dual(np.log(self.value), self.derivative / self.value)

    def sin(self):
        return Dual(np.sin(self.value), np.cos(self.value) * self.derivative)

    def cos(self):
        return Dual(np.cos(self.value), -np.sin(self.value) * self.derivative)

    def tanh(self):
        return Dual(np.tanh(self.value), (1 - np.tanh(self.value) ** 2) * self.derivative)


def derivative(f, x):
    return lift(f(Dual(x, 1.0))).derivative


# %% dual | right | powers as one formula with two paths
def lift(x):
    return x if isinstance(x, Dual) else Dual(x, 0.0)


class Dual:
    def __init__(self, value, derivative):
        self.value, self.derivative = value, derivative

    def __add__(self, other):
        other = lift(other)
        return Dual(self.value + other.value, self.derivative + other.derivative)

    __radd__ = __add__

    def __sub__(self, other):
        other = lift(other)
        return Dual(self.value - other.value, self.derivative - other.derivative)

    def __rsub__(self, other):
        return lift(other) - self

    def __neg__(self):
        return Dual(-self.value, -self.derivative)

    def __mul__(self, other):
        other = lift(other)
        return Dual(self.value * other.value, self.derivative * other.value + self.value * other.derivative)

    __rmul__ = __mul__

    def __truediv__(self, other):
        other = lift(other)
        above = self.derivative * other.value - self.value * other.derivative
        return Dual(self.value / other.value, above / other.value**2)

    def __rtruediv__(self, other):
        return lift(other) / self

    def __pow__(self, exponent):
        if isinstance(exponent, Dual):
            a, b = self, exponent
            value = a.value**b.value
            slope = value * (b.derivative * np.log(a.value) + b.value * a.derivative / a.value)
            return Dual(value, slope)
        return Dual(self.value**exponent, exponent * self.value ** (exponent - 1) * self.derivative)

    def __rpow__(self, base):
        return lift(base) ** self

    def exp(self):
        return Dual(np.exp(self.value), np.exp(self.value) * self.derivative)

    def log(self):
        return Dual(np.log(self.value), self.derivative / self.value)

    def sin(self):
        return Dual(np.sin(self.value), np.cos(self.value) * self.derivative)

    def cos(self):
        return Dual(np.cos(self.value), -np.sin(self.value) * self.derivative)

    def tanh(self):
        return Dual(np.tanh(self.value), (1 - np.tanh(self.value) ** 2) * self.derivative)


def derivative(f, x):
    return lift(f(Dual(x, 1.0))).derivative


# %% dual | right | math functions with a way out for nested Duals
import math


class np_:
    exp, log, sin, cos, tanh = (
        staticmethod(lambda v, name=name: getattr(v, name)() if isinstance(v, Dual) else getattr(math, name)(v))
        for name in ('exp', 'log', 'sin', 'cos', 'tanh')
    )


def lift(x):
    return x if isinstance(x, Dual) else Dual(x, 0.0)


class Dual:
    def __init__(self, value, derivative):
        self.value, self.derivative = value, derivative

    def __add__(self, other):
        other = lift(other)
        return Dual(self.value + other.value, self.derivative + other.derivative)

    __radd__ = __add__

    def __sub__(self, other):
        other = lift(other)
        return Dual(self.value - other.value, self.derivative - other.derivative)

    def __rsub__(self, other):
        return lift(other) - self

    def __neg__(self):
        return Dual(-self.value, -self.derivative)

    def __mul__(self, other):
        other = lift(other)
        return Dual(self.value * other.value, self.derivative * other.value + self.value * other.derivative)

    __rmul__ = __mul__

    def __truediv__(self, other):
        other = lift(other)
        above = self.derivative * other.value - self.value * other.derivative
        return Dual(self.value / other.value, above / other.value**2)

    def __rtruediv__(self, other):
        return lift(other) / self

    def __pow__(self, exponent):
        if isinstance(exponent, Dual):
            return (exponent * self.log()).exp()
        return Dual(self.value**exponent, exponent * self.value ** (exponent - 1) * self.derivative)

    def __rpow__(self, base):
        return lift(base) ** self

    def exp(self):
        return Dual(np_.exp(self.value), np_.exp(self.value) * self.derivative)

    def log(self):
        return Dual(np_.log(self.value), self.derivative / self.value)

    def sin(self):
        return Dual(np_.sin(self.value), np_.cos(self.value) * self.derivative)

    def cos(self):
        return Dual(np_.cos(self.value), -np_.sin(self.value) * self.derivative)

    def tanh(self):
        return Dual(np_.tanh(self.value), (1 - np_.tanh(self.value) ** 2) * self.derivative)


def derivative(f, x):
    return lift(f(Dual(x, 1.0))).derivative


# %% dual | right | no lift, a test in each operator
class Dual:
    def __init__(self, value, derivative):
        self.value = value
        self.derivative = derivative

    def __add__(self, other):
        if isinstance(other, Dual):
            return Dual(self.value + other.value, self.derivative + other.derivative)
        return Dual(self.value + other, self.derivative)

    def __radd__(self, other):
        return self + other

    def __mul__(self, other):
        if isinstance(other, Dual):
            return Dual(self.value * other.value, self.value * other.derivative + other.value * self.derivative)
        return Dual(self.value * other, self.derivative * other)

    def __rmul__(self, other):
        return self * other

    def __neg__(self):
        return self * -1

    def __sub__(self, other):
        return self + (-1) * other

    def __rsub__(self, other):
        return (-self) + other

    def reciprocal(self):
        return Dual(1 / self.value, -1 * self.derivative / (self.value * self.value))

    def __truediv__(self, other):
        return self * (other.reciprocal() if isinstance(other, Dual) else 1 / other)

    def __rtruediv__(self, other):
        return self.reciprocal() * other

    def __pow__(self, n):
        if isinstance(n, Dual):
            return (self.log() * n).exp()
        return self.apply(lambda v: v**n, lambda v: n * v ** (n - 1))

    def __rpow__(self, base):
        return (self * np.log(base)).exp()

    def apply(self, f, df):
        return Dual(f(self.value), df(self.value) * self.derivative)

    def exp(self):
        return self.apply(np.exp, np.exp)

    def log(self):
        return self.apply(np.log, lambda v: 1 / v)

    def sin(self):
        return self.apply(np.sin, np.cos)

    def cos(self):
        return self.apply(np.cos, lambda v: -1 * np.sin(v))

    def tanh(self):
        return self.apply(np.tanh, lambda v: 1 / (0.5 * (np.exp(v) + np.exp(-1 * v))) ** 2)


def derivative(f, x):
    return getattr(f(Dual(x, 1)), "derivative", 0.0)


# %% self-power-hunt | wrong | the counterexample is where it is right
def self_power_slope(x):
    return x**x * (np.log(x) + 1)


def counterexample_1():
    return 1.0


# %% self-power-hunt | wrong | the exponent's path only
def self_power_slope(x):
    return x**x * np.log(x)


def counterexample_1():
    return 2.0


# %% self-power-hunt | wrong | proven but not mended
def self_power_slope(x):
    return x * x ** (x - 1)


def counterexample_1():
    return 2.0


# %% self-power-hunt | wrong | a negative x, where there is no slope
def self_power_slope(x):
    return x**x * (np.log(x) + 1)


def counterexample_1():
    return -1.5


# %% self-power-hunt | wrong | a difference quotient
def self_power_slope(x):
    return ((x + 1e-6) ** (x + 1e-6) - (x - 1e-6) ** (x - 1e-6)) / 2e-6


def counterexample_1():
    return 3


# %% self-power-hunt | right | two paths, an integer as the proof
def self_power_slope(x):
    base_moves = x * x ** (x - 1.0)
    exponent_moves = np.exp(x * np.log(x)) * np.log(x)
    return base_moves + exponent_moves


def counterexample_1():
    return 3


# %% self-power-hunt | right | a small x as the proof
def self_power_slope(x):
    import math

    return math.pow(x, x) * (1 + math.log(x))


def counterexample_1():
    return 0.01


# %% self-power-hunt | right | with the class of exercise 3.10
def self_power_slope(x):
    return derivative(lambda t: t**t, x)


def counterexample_1():
    return 1.5


# %% self-power-hunt | right | by logarithms, integer counterexample
def self_power_slope(x):
    return np.exp(x * np.log(x)) * (1 + np.log(x))


def counterexample_1():
    return 3


# %% self-power-hunt | right | a NumPy counterexample below 1
def self_power_slope(x):
    return x**x * np.log(np.e * x)


def counterexample_1():
    return np.float64(0.25)


# %% self-power-hunt | right | the number in a tuple
def self_power_slope(x):
    return x**x * (1 + np.log(x))


def counterexample_1():
    return (2.0,)


# %% self-power-hunt | right | a large number
def self_power_slope(x):
    return x**x * (1 + np.log(x))


def counterexample_1():
    return 100.0


# %% self-power-hunt | wrong | a difference
def self_power_slope(x):
    return ((x + 1e-6) ** (x + 1e-6) - (x - 1e-6) ** (x - 1e-6)) / 2e-6


def counterexample_1():
    return 2.0


# %% relu-mask-hunt | wrong | the counterexample is where it is right
def input_gradient(W, b, x):
    return W.T @ (2 * np.maximum(W @ x + b, 0))


def counterexample_2():
    return np.eye(3), np.zeros((3, 1)), np.array([[1.0], [-2.0], [0.5]])


# %% relu-mask-hunt | wrong | the counterexample is not square
def input_gradient(W, b, x):
    return W.T @ (2 * np.maximum(W @ x + b, 0))


def counterexample_2():
    return np.ones((3, 2)), np.zeros((3, 1)), -np.ones((2, 1))


# %% relu-mask-hunt | wrong | no mask at all
def input_gradient(W, b, x):
    return W.T @ (2 * (W @ x + b))


def counterexample_2():
    return -np.eye(2), np.zeros((2, 1)), np.ones((2, 1))


# %% relu-mask-hunt | wrong | proven but not mended
def input_gradient(W, b, x):
    z = W @ x + b
    return W.T @ (2 * z * (x > 0))


def counterexample_2():
    return -np.eye(2), np.zeros((2, 1)), np.ones((2, 1))


# %% relu-mask-hunt | wrong | the mask forgets the bias
def input_gradient(W, b, x):
    z = W @ x + b
    return W.T @ (2 * z * (W @ x > 0))


def counterexample_2():
    return -np.eye(2), np.zeros((2, 1)), np.ones((2, 1))


# %% relu-mask-hunt | right | negative weights, plain lists as the proof
def input_gradient(W, b, x):
    a = np.maximum(W @ x + b, 0)
    return 2 * (a.T @ W).T


def counterexample_2():
    return ([[-1.0]], [[0.0]], [[2.0]])


# %% relu-mask-hunt | right | with the answer to exercise 3.7
def input_gradient(W, b, x):
    return relu_layer_gradients(W, b, x)[2]


def counterexample_2():
    return -np.eye(1), np.zeros((1, 1)), np.ones((1, 3))


# %% relu-mask-hunt | right | lists, a batch
def input_gradient(W, b, x):
    z = W @ x + b
    z[z < 0] = 0
    return 2 * (z.T @ W).T


def counterexample_2():
    return [[1.0, 0.0], [0.0, 1.0]], [[3.0], [0.0]], [[-1.0, 2.0], [2.0, -1.0]]


# %% relu-mask-hunt | right | one by one, integers
def input_gradient(W, b, x):
    return W.T @ (2 * np.clip(W @ x + b, 0, None))


def counterexample_2():
    return np.array([[-1]]), np.array([[0]]), np.array([[2]])


# %% relu-mask-hunt | right | W not square, shapes that broadcast
def input_gradient(W, b, x):
    return W.T @ (2 * np.clip(W @ x + b, 0, None))


def counterexample_2():
    return np.array([[1.0], [-1.0]]), np.zeros((2, 1)), np.array([[1.0]])


# %% relu-mask-hunt | wrong | forgets 2 z
def input_gradient(W, b, x):
    return W.T @ (2 * (W @ x + b > 0))


def counterexample_2():
    return np.eye(2), np.array([0.0, 5.0]), np.array([[1.0], [-2.0]])


# %% order-hunt | wrong | the counterexample commutes
def pull_back(jacobians, g):
    for J in reversed(jacobians):
        g = J.T @ g
    return g


def counterexample_3():
    return [np.eye(2), np.array([[1.0, 2.0], [3.0, 4.0]])], np.array([1.0, 2.0])


# %% order-hunt | wrong | the counterexample fails loudly
def pull_back(jacobians, g):
    for J in reversed(jacobians):
        g = J.T @ g
    return g


def counterexample_3():
    return [np.ones((2, 3)), np.ones((4, 2))], np.ones(4)


# %% order-hunt | wrong | the transpose is dropped, the order kept
def pull_back(jacobians, g):
    for J in jacobians:
        g = J @ g
    return g


def counterexample_3():
    return [np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([[0.0, 1.0], [0.0, 0.0]])], np.ones(2)


# %% order-hunt | wrong | proven but not mended
def pull_back(jacobians, g):
    for J in jacobians:
        g = J.T @ g
    return g


def counterexample_3():
    return [np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([[0.0, 1.0], [0.0, 0.0]])], np.ones(2)


# %% order-hunt | wrong | the list is reversed in place
def pull_back(jacobians, g):
    jacobians.reverse()
    for J in jacobians:
        g = J.T @ g
    return g


def counterexample_3():
    return [np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([[0.0, 1.0], [0.0, 0.0]])], np.ones(2)


# %% order-hunt | right | a row times each matrix, a tuple of matrices as the proof
def pull_back(jacobians, g):
    for J in jacobians[::-1]:
        g = g @ J
    return g


def counterexample_3():
    return (np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([[0.0, 1.0], [0.0, 0.0]])), np.ones(2)


# %% order-hunt | right | with the answer to exercise 3.8
def pull_back(jacobians, g):
    return vjp(jacobians, g)


def counterexample_3():
    return [np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([[0.0, 1.0], [0.0, 0.0]])], np.ones(2)


# %% order-hunt | right | a tuple of lists
def pull_back(jacobians, g):
    for k in range(len(jacobians)):
        g = g @ jacobians[-1 - k]
    return g


def counterexample_3():
    return ([[[1, 2], [0, 1]], [[1, 0], [3, 1]]], [1, 2])


# %% order-hunt | right | an array of matrices
def pull_back(jacobians, g):
    for J in list(jacobians)[::-1]:
        g = np.transpose(J) @ g
    return g


def counterexample_3():
    return np.array([[[1.0, 2.0], [0.0, 1.0]], [[1.0, 0.0], [3.0, 1.0]]]), np.array([1.0, 2.0])


# %% order-hunt | wrong | reverses in place
def pull_back(jacobians, g):
    jacobians.reverse()
    for J in jacobians:
        g = J.T @ g
    return g


def counterexample_3():
    return [np.array([[1.0, 2.0], [0.0, 1.0]]), np.array([[1.0, 0.0], [3.0, 1.0]])], np.array([1.0, 2.0])


# %% f-derivative | wrong | the inner slope is taken for positive x
def f_derivative(x):
    return 2 * np.abs(x) * np.exp(x**2)


# %% f-derivative | wrong | the slope of the inner function lacks its 2
def f_derivative(x):
    return x * np.exp(x**2)


# %% f-derivative | wrong | the inner function for its slope
def f_derivative(x):
    return x**2 * np.exp(x**2)


# %% f-derivative | wrong | the second derivative
def f_derivative(x):
    return (2 + 4 * x**2) * np.exp(x**2)


# %% f-derivative | wrong | integers stay integers
def f_derivative(x):
    out = np.zeros_like(x)
    out[...] = 2 * x * np.exp(x**2)
    return out


# %% f-derivative | wrong | the first entry for all
def f_derivative(x):
    return np.full(np.shape(x), np.ravel(2 * x * np.exp(np.square(x)))[0])


# %% chain | wrong | the slope of the first call for ever
def chain(df, g, dg):
    return lambda x: df(g(x)) * dg(x)


def chain_many(functions, derivatives):
    found = []

    def slope(x):
        if not found:
            value, product = x, 1.0
            for f, df in zip(functions, derivatives):
                product = df(value) * product
                value = f(value)
            found.append(product)
        return found[0]

    return slope


# %% chain | wrong | one cache for all chains
def chain(df, g, dg):
    return lambda x: df(g(x)) * dg(x)


def chain_many(functions, derivatives):
    chain_many.steps = list(zip(functions, derivatives))

    def slope(x):
        value, product = x, 1.0
        for f, df in chain_many.steps:
            product = df(value) * product
            value = f(value)
        return product

    return slope


# %% chain | wrong | turns the lists round in place
def chain(df, g, dg):
    return lambda x: df(g(x)) * dg(x)


def chain_many(functions, derivatives):
    functions.reverse()
    derivatives.reverse()

    def slope(x):
        value, product = x, 1.0
        for f, df in list(zip(functions, derivatives))[::-1]:
            product = df(value) * product
            value = f(value)
        return product

    return slope


# %% chain | wrong | an empty chain has the slope x
def chain(df, g, dg):
    return lambda x: df(g(x)) * dg(x)


def chain_many(functions, derivatives):
    def slope(x):
        if not functions:
            return x
        value, product = x, 1.0
        for f, df in zip(functions, derivatives):
            product = df(value) * product
            value = f(value)
        return product

    return slope


# %% chain | wrong | the inner slope at g(x)
def chain(df, g, dg):
    return lambda x: df(g(x)) * dg(g(x))


def chain_many(functions, derivatives):
    def slope(x):
        value, product = x, 1.0
        for f, df in zip(functions, derivatives):
            product = df(value) * product
            value = f(value)
        return product

    return slope


# %% chain | wrong | at most ten links
def chain(df, g, dg):
    return lambda x: df(g(x)) * dg(x)


def chain_many(functions, derivatives):
    def slope(x):
        value, product = x, 1.0
        for f, df in list(zip(functions, derivatives))[:10]:
            product = df(value) * product
            value = f(value)
        return product

    return slope


# %% total-derivative | wrong | the largest path alone
def total_derivative(dz_dy, dy_dx):
    products = np.atleast_2d(dz_dy)[:, :, None] * dy_dx
    total = products.max(axis=1)
    return total if np.ndim(dz_dy) == 2 else total[0]


# %% total-derivative | wrong | sums of rates, multiplied
def total_derivative(dz_dy, dy_dx):
    total = np.sum(np.atleast_2d(dz_dy), axis=1, keepdims=True) * np.sum(dy_dx, axis=0)
    return total if np.ndim(dz_dy) == 2 else total[0]


# %% total-derivative | wrong | one row loses its axis
def total_derivative(dz_dy, dy_dx):
    return np.squeeze(dz_dy @ dy_dx)


# %% total-derivative | wrong | only as many paths as inputs
def total_derivative(dz_dy, dy_dx):
    n = dy_dx.shape[1]
    return dz_dy[..., :n] @ dy_dx[:n]


# %% total-derivative | wrong | writes into its argument
def total_derivative(dz_dy, dy_dx):
    dy_dx *= 1.5
    return dz_dy @ dy_dx / 1.5


# %% vector-chain-rule | wrong | coordinates are averaged
def vector_chain_rule(J, dx_dt):
    return J @ dx_dt / len(dx_dt)


# %% vector-chain-rule | wrong | only the first coordinate
def vector_chain_rule(J, dx_dt):
    return J[:, 0] * dx_dt[0]


# %% vector-chain-rule | wrong | the size of the velocity
def vector_chain_rule(J, dx_dt):
    return J @ np.abs(dx_dt)


# %% vector-chain-rule | wrong | one output becomes a number
def vector_chain_rule(J, dx_dt):
    return np.squeeze(J @ dx_dt)


# %% vector-chain-rule | wrong | scales the velocity in place
def vector_chain_rule(J, dx_dt):
    dx_dt /= 2
    return 2 * (J @ dx_dt)


# %% neuron-gradients | wrong | overflows far from 0
def neuron_gradients(w, b, x, y):
    z = w @ x + b
    e = np.exp(-z)
    d = (1 / (1 + e) - y) * e / (1 + e) ** 2
    return d * x, d, d * w


# %% neuron-gradients | wrong | targets are ignored
def neuron_gradients(w, b, x, y):
    a = sigmoid(w @ x + b)
    d = a * a * (1 - a)
    return d * x, d, d * w


# %% neuron-gradients | wrong | grad_b as an array of one
def neuron_gradients(w, b, x, y):
    a = sigmoid(w @ x + b)
    d = (a - y) * a * (1 - a)
    return d * x, np.array([d]), d * w


# %% neuron-gradients | wrong | clips z at 10
def neuron_gradients(w, b, x, y):
    a = sigmoid(np.clip(w @ x + b, -10, 10))
    d = (a - y) * a * (1 - a)
    return d * x, d, d * w


# %% neuron-gradients | wrong | the error is squared
def neuron_gradients(w, b, x, y):
    a = sigmoid(w @ x + b)
    d = (a - y) ** 2 * a * (1 - a)
    return d * x, d, d * w


# %% neuron-gradients | wrong | the slope is a alone
def neuron_gradients(w, b, x, y):
    a = sigmoid(w @ x + b)
    d = (a - y) * a
    return d * x, d, d * w


# %% neuron-gradients | right | finite at both ends by the tanh form
def neuron_gradients(w, b, x, y):
    z = np.dot(w, x) + b
    t = np.tanh(z / 2)
    d = ((1 + t) / 2 - y) * (1 + t) * (1 - t) / 4
    return d * x, d, d * w


# %% layer-gradients | wrong | zeros like integers
def layer_gradients(W, b, x, y):
    a = sigmoid(W @ x + b)
    d = (a - y) * a * (1 - a) / x.shape[1]
    grads = np.zeros_like(W), np.zeros_like(b), np.zeros_like(x)
    for g, v in zip(grads, (d @ x.T, d.sum(axis=1, keepdims=True), W.T @ d)):
        g[...] = v
    return grads


# %% layer-gradients | wrong | one bias for all neurons
def layer_gradients(W, b, x, y):
    a = sigmoid(W @ x + b)
    d = (a - y) * a * (1 - a) / x.shape[1]
    return d @ x.T, np.full_like(b, d.sum(), dtype=float), W.T @ d


# %% layer-gradients | wrong | only the last example for W
def layer_gradients(W, b, x, y):
    a = sigmoid(W @ x + b)
    d = (a - y) * a * (1 - a) / x.shape[1]
    return np.outer(d[:, -1], x[:, -1]), d.sum(axis=1, keepdims=True), W.T @ d


# %% layer-gradients | wrong | a single neuron loses its axis
def layer_gradients(W, b, x, y):
    a = sigmoid(W @ x + b)
    d = (a - y) * a * (1 - a) / x.shape[1]
    return np.squeeze(d @ x.T), d.sum(axis=1, keepdims=True), W.T @ d


# %% layer-gradients | wrong | exp overflows into nan
def layer_gradients(W, b, x, y):
    e = np.exp(-(W @ x + b))
    d = (1 / (1 + e) - y) * e / (1 + e) ** 2 / x.shape[1]
    return d @ x.T, d.sum(axis=1, keepdims=True), W.T @ d


# %% layer-gradients | wrong | the weights are updated as well
def layer_gradients(W, b, x, y):
    a = sigmoid(W @ x + b)
    d = (a - y) * a * (1 - a) / x.shape[1]
    gx = W.T @ d
    W -= d @ x.T
    return d @ x.T, d.sum(axis=1, keepdims=True), gx


# %% relu-layer-gradients | wrong | the bias is subtracted
def relu_layer_gradients(W, b, x):
    d = 2 * np.maximum(W @ x - b, 0)
    return d @ x.T, d.sum(axis=1, keepdims=True), W.T @ d


# %% relu-layer-gradients | wrong | the mask is the wrong way round
def relu_layer_gradients(W, b, x):
    z = W @ x + b
    d = 2 * z * (z < 0)
    return d @ x.T, d.sum(axis=1, keepdims=True), W.T @ d


# %% relu-layer-gradients | wrong | a neuron is on for all examples or none
def relu_layer_gradients(W, b, x):
    z = W @ x + b
    d = 2 * z * (z.sum(axis=1, keepdims=True) > 0)
    return d @ x.T, d.sum(axis=1, keepdims=True), W.T @ d


# %% relu-layer-gradients | wrong | one half in place of two
def relu_layer_gradients(W, b, x):
    z = W @ x + b
    d = np.maximum(z, 0) / 2
    return d @ x.T, d.sum(axis=1, keepdims=True), W.T @ d


# %% relu-layer-gradients | wrong | leaks a little
def relu_layer_gradients(W, b, x):
    z = W @ x + b
    d = 2 * np.where(z > 0, z, 0.01 * z)
    return d @ x.T, d.sum(axis=1, keepdims=True), W.T @ d


# %% relu-layer-gradients | right | loops over neurons and examples
def relu_layer_gradients(W, b, x):
    z = W @ x + b
    gW, gb, gx = np.zeros(W.shape), np.zeros(b.shape), np.zeros(x.shape)
    for i in range(W.shape[0]):
        for k in range(x.shape[1]):
            if z[i, k] > 0:
                gW[i] += 2 * z[i, k] * x[:, k]
                gb[i, 0] += 2 * z[i, k]
                gx[:, k] += 2 * z[i, k] * W[i]
    return gW, gb, gx


# %% jvp-and-vjp | wrong | pops the last Jacobian off the list
def jvp(jacobians, v):
    for J in jacobians:
        v = J @ v
    return v


def vjp(jacobians, g):
    while jacobians:
        g = jacobians.pop().T @ g
    return g


# %% jvp-and-vjp | wrong | einsum of all matrices
def jvp(jacobians, v):
    M = jacobians[0]
    for J in jacobians[1:]:
        M = np.einsum('ij,jk->ik', J, M)
    return M @ v


def vjp(jacobians, g):
    for J in reversed(jacobians):
        g = J.T @ g
    return g


# %% jvp-and-vjp | wrong | starts from the identity
def jvp(jacobians, v):
    for J in jacobians:
        v = J @ v
    return v


def vjp(jacobians, g):
    M = np.eye(jacobians[-1].shape[0])
    for J in reversed(jacobians):
        M = M @ J
    return M.T @ g


# %% jvp-and-vjp | wrong | two Jacobians at most
def jvp(jacobians, v):
    for J in jacobians[:2]:
        v = J @ v
    return v


def vjp(jacobians, g):
    for J in reversed(jacobians):
        g = J.T @ g
    return g


# %% jvp-and-vjp | wrong | writes into g
def jvp(jacobians, v):
    for J in jacobians:
        v = J @ v
    return v


def vjp(jacobians, g):
    g *= 2.0
    for J in reversed(jacobians):
        g = J.T @ g
    return g / 2


# %% jvp-and-vjp | right | recursion, and sums of rows
def jvp(jacobians, v):
    if not len(jacobians):
        return v
    return jvp(jacobians[1:], np.dot(jacobians[0], v))


def vjp(jacobians, g):
    for J in jacobians[::-1]:
        g = g @ J
    return g


# %% multiply-cost | wrong | a single Jacobian costs 0 in any order
def multiply_cost(shapes, order):
    if len(shapes) == 1:
        return 0
    if order == "forward":
        return sum(r * c * shapes[0][1] for r, c in shapes[1:])
    if order == "reverse":
        return sum(r * c * shapes[-1][0] for r, c in shapes[:-1])
    raise ValueError(order)


# %% multiply-cost | wrong | capitals count as well
def multiply_cost(shapes, order):
    order = order.lower()
    if order == "forward":
        return sum(r * c * shapes[0][1] for r, c in shapes[1:])
    if order == "reverse":
        return sum(r * c * shapes[-1][0] for r, c in shapes[:-1])
    raise ValueError(order)


# %% multiply-cost | wrong | blanks are stripped
def multiply_cost(shapes, order):
    order = order.strip()
    if order == "forward":
        return sum(r * c * shapes[0][1] for r, c in shapes[1:])
    if order == "reverse":
        return sum(r * c * shapes[-1][0] for r, c in shapes[:-1])
    raise ValueError(order)


# %% multiply-cost | wrong | floats
def multiply_cost(shapes, order):
    if order == "forward":
        return sum(1.0 * r * c * shapes[0][1] for r, c in shapes[1:])
    if order == "reverse":
        return sum(1.0 * r * c * shapes[-1][0] for r, c in shapes[:-1])
    raise ValueError(order)


# %% multiply-cost | wrong | 32 bits
def multiply_cost(shapes, order):
    s = np.array(shapes, dtype=np.int32)
    if order == "forward":
        return int((s[1:, 0] * s[1:, 1] * s[0, 1]).sum(dtype=np.int32))
    if order == "reverse":
        return int((s[:-1, 0] * s[:-1, 1] * s[-1, 0]).sum(dtype=np.int32))
    raise ValueError(order)


# %% multiply-cost | wrong | the entries of the products
def multiply_cost(shapes, order):
    if order == "forward":
        return sum(r * shapes[0][1] for r, c in shapes[1:])
    if order == "reverse":
        return sum(c * shapes[-1][0] for r, c in shapes[:-1])
    raise ValueError(order)


# %% multiply-cost | right | sizes that are NumPy integers
def multiply_cost(shapes, order):
    s = np.array(shapes, dtype=np.int64)
    if order not in ("forward", "reverse"):
        raise ValueError(order)
    if order == "forward":
        return (s[1:, 0] * s[1:, 1] * s[0, 1]).sum()
    return (s[:-1, 0] * s[:-1, 1] * s[-1, 0]).sum()


# %% dual | wrong | a constant result is not lifted
def lift(x):
    return x if isinstance(x, Dual) else Dual(x, 0.0)


class Dual:
    def __init__(self, value, derivative):
        self.value, self.derivative = value, derivative

    def __add__(self, other):
        other = lift(other)
        return Dual(self.value + other.value, self.derivative + other.derivative)

    __radd__ = __add__

    def __neg__(self):
        return Dual(-self.value, -self.derivative)

    def __sub__(self, other):
        return self + -lift(other)

    def __rsub__(self, other):
        return lift(other) - self

    def __mul__(self, other):
        other = lift(other)
        a, da, b, db = self.value, self.derivative, other.value, other.derivative
        return Dual(a * b, da * b + a * db)

    __rmul__ = __mul__

    def __truediv__(self, other):
        other = lift(other)
        a, da, b, db = self.value, self.derivative, other.value, other.derivative
        return Dual(a / b, (da * b - a * db) / (b * b))

    def __rtruediv__(self, other):
        return lift(other) / self

    def __pow__(self, n):
        if isinstance(n, Dual):
            return (n * self.log()).exp()
        if n == 0:
            return Dual(self.value**0, 0.0 * self.derivative)
        return Dual(self.value**n, n * self.value ** (n - 1) * self.derivative)

    def __rpow__(self, base):
        return lift(base) ** self

    def exp(self):
        return Dual(np.exp(self.value), np.exp(self.value) * self.derivative)

    def log(self):
        return Dual(np.log(self.value), self.derivative / self.value)

    def sin(self):
        return Dual(np.sin(self.value), np.cos(self.value) * self.derivative)

    def cos(self):
        return Dual(np.cos(self.value), -np.sin(self.value) * self.derivative)

    def tanh(self):
        t = np.tanh(self.value)
        return Dual(t, (1 - t * t) * self.derivative)


def derivative(f, x):
    return f(Dual(x, 1.0)).derivative


# %% dual | wrong | tanh by exponentials overflows
def lift(x):
    return x if isinstance(x, Dual) else Dual(x, 0.0)


class Dual:
    def __init__(self, value, derivative):
        self.value, self.derivative = value, derivative

    def __add__(self, other):
        other = lift(other)
        return Dual(self.value + other.value, self.derivative + other.derivative)

    __radd__ = __add__

    def __neg__(self):
        return Dual(-self.value, -self.derivative)

    def __sub__(self, other):
        return self + -lift(other)

    def __rsub__(self, other):
        return lift(other) - self

    def __mul__(self, other):
        other = lift(other)
        a, da, b, db = self.value, self.derivative, other.value, other.derivative
        return Dual(a * b, da * b + a * db)

    __rmul__ = __mul__

    def __truediv__(self, other):
        other = lift(other)
        a, da, b, db = self.value, self.derivative, other.value, other.derivative
        return Dual(a / b, (da * b - a * db) / (b * b))

    def __rtruediv__(self, other):
        return lift(other) / self

    def __pow__(self, n):
        if isinstance(n, Dual):
            return (n * self.log()).exp()
        if n == 0:
            return Dual(self.value**0, 0.0 * self.derivative)
        return Dual(self.value**n, n * self.value ** (n - 1) * self.derivative)

    def __rpow__(self, base):
        return lift(base) ** self

    def exp(self):
        return Dual(np.exp(self.value), np.exp(self.value) * self.derivative)

    def log(self):
        return Dual(np.log(self.value), self.derivative / self.value)

    def sin(self):
        return Dual(np.sin(self.value), np.cos(self.value) * self.derivative)

    def cos(self):
        return Dual(np.cos(self.value), -np.sin(self.value) * self.derivative)

    def tanh(self):
        up, down = self.exp(), (-self).exp()
        return (up - down) / (up + down)


def derivative(f, x):
    return lift(f(Dual(x, 1.0))).derivative


# %% dual | wrong | stores the sum in itself
def lift(x):
    return x if isinstance(x, Dual) else Dual(x, 0.0)


class Dual:
    def __init__(self, value, derivative):
        self.value, self.derivative = value, derivative

    def __add__(self, other):
        other = lift(other)
        self.value, self.derivative = self.value + other.value, self.derivative + other.derivative
        return Dual(self.value, self.derivative)

    __radd__ = __add__

    def __neg__(self):
        return Dual(-self.value, -self.derivative)

    def __sub__(self, other):
        return self + -lift(other)

    def __rsub__(self, other):
        return lift(other) - self

    def __mul__(self, other):
        other = lift(other)
        a, da, b, db = self.value, self.derivative, other.value, other.derivative
        return Dual(a * b, da * b + a * db)

    __rmul__ = __mul__

    def __truediv__(self, other):
        other = lift(other)
        a, da, b, db = self.value, self.derivative, other.value, other.derivative
        return Dual(a / b, (da * b - a * db) / (b * b))

    def __rtruediv__(self, other):
        return lift(other) / self

    def __pow__(self, n):
        if isinstance(n, Dual):
            return (n * self.log()).exp()
        if n == 0:
            return Dual(self.value**0, 0.0 * self.derivative)
        return Dual(self.value**n, n * self.value ** (n - 1) * self.derivative)

    def __rpow__(self, base):
        return lift(base) ** self

    def exp(self):
        return Dual(np.exp(self.value), np.exp(self.value) * self.derivative)

    def log(self):
        return Dual(np.log(self.value), self.derivative / self.value)

    def sin(self):
        return Dual(np.sin(self.value), np.cos(self.value) * self.derivative)

    def cos(self):
        return Dual(np.cos(self.value), -np.sin(self.value) * self.derivative)

    def tanh(self):
        t = np.tanh(self.value)
        return Dual(t, (1 - t * t) * self.derivative)


def derivative(f, x):
    return lift(f(Dual(x, 1.0))).derivative


# %% dual | wrong | an exponent of 0 does not return a constant
def lift(x):
    return x if isinstance(x, Dual) else Dual(x, 0.0)


class Dual:
    def __init__(self, value, derivative):
        self.value, self.derivative = value, derivative

    def __add__(self, other):
        other = lift(other)
        return Dual(self.value + other.value, self.derivative + other.derivative)

    __radd__ = __add__

    def __neg__(self):
        return Dual(-self.value, -self.derivative)

    def __sub__(self, other):
        return self + -lift(other)

    def __rsub__(self, other):
        return lift(other) - self

    def __mul__(self, other):
        other = lift(other)
        a, da, b, db = self.value, self.derivative, other.value, other.derivative
        return Dual(a * b, da * b + a * db)

    __rmul__ = __mul__

    def __truediv__(self, other):
        other = lift(other)
        a, da, b, db = self.value, self.derivative, other.value, other.derivative
        return Dual(a / b, (da * b - a * db) / (b * b))

    def __rtruediv__(self, other):
        return lift(other) / self

    def __pow__(self, n):
        if isinstance(n, Dual):
            return (n * self.log()).exp()
        if n == 0:
            return Dual(self.value**0, self.derivative)
        return Dual(self.value**n, n * self.value ** (n - 1) * self.derivative)

    def __rpow__(self, base):
        return lift(base) ** self

    def exp(self):
        return Dual(np.exp(self.value), np.exp(self.value) * self.derivative)

    def log(self):
        return Dual(np.log(self.value), self.derivative / self.value)

    def sin(self):
        return Dual(np.sin(self.value), np.cos(self.value) * self.derivative)

    def cos(self):
        return Dual(np.cos(self.value), -np.sin(self.value) * self.derivative)

    def tanh(self):
        t = np.tanh(self.value)
        return Dual(t, (1 - t * t) * self.derivative)


def derivative(f, x):
    return lift(f(Dual(x, 1.0))).derivative


# %% dual | wrong | exponents count as whole numbers
def lift(x):
    return x if isinstance(x, Dual) else Dual(x, 0.0)


class Dual:
    def __init__(self, value, derivative):
        self.value, self.derivative = value, derivative

    def __add__(self, other):
        other = lift(other)
        return Dual(self.value + other.value, self.derivative + other.derivative)

    __radd__ = __add__

    def __neg__(self):
        return Dual(-self.value, -self.derivative)

    def __sub__(self, other):
        return self + -lift(other)

    def __rsub__(self, other):
        return lift(other) - self

    def __mul__(self, other):
        other = lift(other)
        a, da, b, db = self.value, self.derivative, other.value, other.derivative
        return Dual(a * b, da * b + a * db)

    __rmul__ = __mul__

    def __truediv__(self, other):
        other = lift(other)
        a, da, b, db = self.value, self.derivative, other.value, other.derivative
        return Dual(a / b, (da * b - a * db) / (b * b))

    def __rtruediv__(self, other):
        return lift(other) / self

    def __pow__(self, n):
        if isinstance(n, Dual):
            return (n * self.log()).exp()
        if n == 0:
            return Dual(self.value**0, 0.0 * self.derivative)
        n = int(n)
        return Dual(self.value**n, n * self.value ** (n - 1) * self.derivative)

    def __rpow__(self, base):
        return lift(base) ** self

    def exp(self):
        return Dual(np.exp(self.value), np.exp(self.value) * self.derivative)

    def log(self):
        return Dual(np.log(self.value), self.derivative / self.value)

    def sin(self):
        return Dual(np.sin(self.value), np.cos(self.value) * self.derivative)

    def cos(self):
        return Dual(np.cos(self.value), -np.sin(self.value) * self.derivative)

    def tanh(self):
        t = np.tanh(self.value)
        return Dual(t, (1 - t * t) * self.derivative)


def derivative(f, x):
    return lift(f(Dual(x, 1.0))).derivative


# %% dual | wrong | denominators count as positive
def lift(x):
    return x if isinstance(x, Dual) else Dual(x, 0.0)


class Dual:
    def __init__(self, value, derivative):
        self.value, self.derivative = value, derivative

    def __add__(self, other):
        other = lift(other)
        return Dual(self.value + other.value, self.derivative + other.derivative)

    __radd__ = __add__

    def __neg__(self):
        return Dual(-self.value, -self.derivative)

    def __sub__(self, other):
        return self + -lift(other)

    def __rsub__(self, other):
        return lift(other) - self

    def __mul__(self, other):
        other = lift(other)
        a, da, b, db = self.value, self.derivative, other.value, other.derivative
        return Dual(a * b, da * b + a * db)

    __rmul__ = __mul__

    def __truediv__(self, other):
        other = lift(other)
        a, da, b, db = self.value, self.derivative, other.value, other.derivative
        return Dual(a / b, (da * b - a * db) / abs(b * b if b > 0 else b))

    def __rtruediv__(self, other):
        return lift(other) / self

    def __pow__(self, n):
        if isinstance(n, Dual):
            return (n * self.log()).exp()
        if n == 0:
            return Dual(self.value**0, 0.0 * self.derivative)
        return Dual(self.value**n, n * self.value ** (n - 1) * self.derivative)

    def __rpow__(self, base):
        return lift(base) ** self

    def exp(self):
        return Dual(np.exp(self.value), np.exp(self.value) * self.derivative)

    def log(self):
        return Dual(np.log(self.value), self.derivative / self.value)

    def sin(self):
        return Dual(np.sin(self.value), np.cos(self.value) * self.derivative)

    def cos(self):
        return Dual(np.cos(self.value), -np.sin(self.value) * self.derivative)

    def tanh(self):
        t = np.tanh(self.value)
        return Dual(t, (1 - t * t) * self.derivative)


def derivative(f, x):
    return lift(f(Dual(x, 1.0))).derivative


# %% dual | wrong | the sine of a plain number only
def lift(x):
    return x if isinstance(x, Dual) else Dual(x, 0.0)


class Dual:
    def __init__(self, value, derivative):
        self.value, self.derivative = value, derivative

    def __add__(self, other):
        other = lift(other)
        return Dual(self.value + other.value, self.derivative + other.derivative)

    __radd__ = __add__

    def __neg__(self):
        return Dual(-self.value, -self.derivative)

    def __sub__(self, other):
        return self + -lift(other)

    def __rsub__(self, other):
        return lift(other) - self

    def __mul__(self, other):
        other = lift(other)
        a, da, b, db = self.value, self.derivative, other.value, other.derivative
        return Dual(a * b, da * b + a * db)

    __rmul__ = __mul__

    def __truediv__(self, other):
        other = lift(other)
        a, da, b, db = self.value, self.derivative, other.value, other.derivative
        return Dual(a / b, (da * b - a * db) / (b * b))

    def __rtruediv__(self, other):
        return lift(other) / self

    def __pow__(self, n):
        if isinstance(n, Dual):
            return (n * self.log()).exp()
        if n == 0:
            return Dual(self.value**0, 0.0 * self.derivative)
        return Dual(self.value**n, n * self.value ** (n - 1) * self.derivative)

    def __rpow__(self, base):
        return lift(base) ** self

    def exp(self):
        return Dual(np.exp(self.value), np.exp(self.value) * self.derivative)

    def log(self):
        return Dual(np.log(self.value), self.derivative / self.value)

    def sin(self):
        return Dual(float(np.sin(float(self.value))), np.cos(self.value) * self.derivative)

    def cos(self):
        return Dual(np.cos(self.value), -np.sin(self.value) * self.derivative)

    def tanh(self):
        t = np.tanh(self.value)
        return Dual(t, (1 - t * t) * self.derivative)


def derivative(f, x):
    return lift(f(Dual(x, 1.0))).derivative


# %% dual | wrong | 2 ** d is d ** 2
def lift(x):
    return x if isinstance(x, Dual) else Dual(x, 0.0)


class Dual:
    def __init__(self, value, derivative):
        self.value, self.derivative = value, derivative

    def __add__(self, other):
        other = lift(other)
        return Dual(self.value + other.value, self.derivative + other.derivative)

    __radd__ = __add__

    def __neg__(self):
        return Dual(-self.value, -self.derivative)

    def __sub__(self, other):
        return self + -lift(other)

    def __rsub__(self, other):
        return lift(other) - self

    def __mul__(self, other):
        other = lift(other)
        a, da, b, db = self.value, self.derivative, other.value, other.derivative
        return Dual(a * b, da * b + a * db)

    __rmul__ = __mul__

    def __truediv__(self, other):
        other = lift(other)
        a, da, b, db = self.value, self.derivative, other.value, other.derivative
        return Dual(a / b, (da * b - a * db) / (b * b))

    def __rtruediv__(self, other):
        return lift(other) / self

    def __pow__(self, n):
        if isinstance(n, Dual):
            return (n * self.log()).exp()
        if n == 0:
            return Dual(self.value**0, 0.0 * self.derivative)
        return Dual(self.value**n, n * self.value ** (n - 1) * self.derivative)

    def __rpow__(self, base):
        return self**base

    def exp(self):
        return Dual(np.exp(self.value), np.exp(self.value) * self.derivative)

    def log(self):
        return Dual(np.log(self.value), self.derivative / self.value)

    def sin(self):
        return Dual(np.sin(self.value), np.cos(self.value) * self.derivative)

    def cos(self):
        return Dual(np.cos(self.value), -np.sin(self.value) * self.derivative)

    def tanh(self):
        t = np.tanh(self.value)
        return Dual(t, (1 - t * t) * self.derivative)


def derivative(f, x):
    return lift(f(Dual(x, 1.0))).derivative


# %% dual | right | constants tested in derivative
def lift(x):
    return x if isinstance(x, Dual) else Dual(x, 0.0)


class Dual:
    def __init__(self, value, derivative):
        self.value, self.derivative = value, derivative

    def __add__(self, other):
        other = lift(other)
        return Dual(self.value + other.value, self.derivative + other.derivative)

    __radd__ = __add__

    def __neg__(self):
        return Dual(-self.value, -self.derivative)

    def __sub__(self, other):
        return self + -lift(other)

    def __rsub__(self, other):
        return lift(other) - self

    def __mul__(self, other):
        other = lift(other)
        a, da, b, db = self.value, self.derivative, other.value, other.derivative
        return Dual(a * b, da * b + a * db)

    __rmul__ = __mul__

    def __truediv__(self, other):
        other = lift(other)
        a, da, b, db = self.value, self.derivative, other.value, other.derivative
        return Dual(a / b, (da * b - a * db) / (b * b))

    def __rtruediv__(self, other):
        return lift(other) / self

    def __pow__(self, n):
        if isinstance(n, Dual):
            return (n * self.log()).exp()
        if n == 0:
            return Dual(self.value**0, 0.0 * self.derivative)
        return Dual(self.value**n, n * self.value ** (n - 1) * self.derivative)

    def __rpow__(self, base):
        return lift(base) ** self

    def exp(self):
        return Dual(np.exp(self.value), np.exp(self.value) * self.derivative)

    def log(self):
        return Dual(np.log(self.value), self.derivative / self.value)

    def sin(self):
        return Dual(np.sin(self.value), np.cos(self.value) * self.derivative)

    def cos(self):
        return Dual(np.cos(self.value), -np.sin(self.value) * self.derivative)

    def tanh(self):
        t = np.tanh(self.value)
        return Dual(t, (1 - t * t) * self.derivative)


def derivative(f, x):
    y = f(Dual(x, 1.0))
    return y.derivative if isinstance(y, Dual) else 0.0


# %% self-power-hunt | wrong | an array in the tuple
def self_power_slope(x):
    return x**x * (np.log(x) + 1)


def counterexample_1():
    return (np.array([2.0]),)


# %% self-power-hunt | wrong | x is not positive
def self_power_slope(x):
    return x**x * (np.log(x) + 1)


def counterexample_1():
    return (-2.0,)


# %% self-power-hunt | wrong | x ** x grows too large
def self_power_slope(x):
    return x**x * (np.log(x) + 1)


def counterexample_1():
    return (300.0,)


# %% self-power-hunt | wrong | right above 1 only
def self_power_slope(x):
    return x**x * (abs(np.log(x)) + 1)


def counterexample_1():
    return (2.0,)


# %% self-power-hunt | wrong | the paths are multiplied
def self_power_slope(x):
    return x**x * x**x * np.log(x)


def counterexample_1():
    return (2.0,)


# %% self-power-hunt | right | a tuple
def self_power_slope(x):
    return x**x * (np.log(x) + 1)


def counterexample_1():
    return (0.5,)


# %% relu-mask-hunt | wrong | b as a vector in the proof
def input_gradient(W, b, x):
    z = W @ x + b
    return W.T @ (2 * z * (z > 0))


def counterexample_2():
    return np.eye(2), np.array([0.0, 5.0]), np.array([[1.0], [-2.0]])


# %% relu-mask-hunt | wrong | two of three arguments
def input_gradient(W, b, x):
    z = W @ x + b
    return W.T @ (2 * z * (z > 0))


def counterexample_2():
    return np.eye(2), np.array([[1.0], [-2.0]])


# %% relu-mask-hunt | wrong | x and z both decide
def input_gradient(W, b, x):
    z = W @ x + b
    return W.T @ (2 * z * ((z > 0) & (x > 0)))


def counterexample_2():
    return np.eye(2), np.array([[0.0], [5.0]]), np.array([[1.0], [-2.0]])


# %% relu-mask-hunt | wrong | the mask without the bias
def input_gradient(W, b, x):
    z = W @ x + b
    return W.T @ (2 * z * (W @ x > 0))


def counterexample_2():
    return np.eye(2), np.array([[0.0], [5.0]]), np.array([[1.0], [-2.0]])


# %% relu-mask-hunt | wrong | the square for its slope
def input_gradient(W, b, x):
    return W.T @ np.maximum(W @ x + b, 0) ** 2


def counterexample_2():
    return np.eye(2), np.array([[0.0], [5.0]]), np.array([[1.0], [-2.0]])


# %% order-hunt | wrong | only the first and the last
def pull_back(jacobians, g):
    g = jacobians[-1].T @ g
    return jacobians[0].T @ g if len(jacobians) > 1 else g


def counterexample_3():
    return [np.array([[1.0, 2.0], [0.0, 1.0]]), np.array([[1.0, 0.0], [3.0, 1.0]])], np.ones(2)


# %% order-hunt | wrong | pops from the list
def pull_back(jacobians, g):
    while jacobians:
        g = jacobians.pop().T @ g
    return g


def counterexample_3():
    return [np.array([[1.0, 2.0], [0.0, 1.0]]), np.array([[1.0, 0.0], [3.0, 1.0]])], np.ones(2)


# %% order-hunt | wrong | no Jacobian in the proof
def pull_back(jacobians, g):
    for J in reversed(jacobians):
        g = J.T @ g
    return g


def counterexample_3():
    return [], np.ones(2)


# %% order-hunt | wrong | g is a matrix in the proof
def pull_back(jacobians, g):
    for J in reversed(jacobians):
        g = J.T @ g
    return g


def counterexample_3():
    return [np.eye(2), np.array([[1.0, 2.0], [0.0, 1.0]])], np.ones((2, 1))


# %% order-hunt | wrong | the identity in the proof
def pull_back(jacobians, g):
    for J in reversed(jacobians):
        g = J.T @ g
    return g


def counterexample_3():
    return [np.eye(2), np.array([[1.0, 2.0], [0.0, 1.0]])], np.array([1.0, 2.0])


# %% ladder-gradients | wrong | one reader of s is forgotten
def gradients(v):
    d = {"loss": 1.0}
    d["m"] = v.m * d["loss"]
    d["r"] = v.s * d["m"]
    d["p"] = -v.r * d["r"]
    d["q"] = d["p"]
    d["u"] = d["p"]
    d["s"] = v.r * d["m"]
    d["z"] = (1 - v.s**2) * d["s"] + 2 * v.z * d["q"]
    d["w"] = v.x * d["z"]
    d["x"] = v.w * d["z"] + v.s * d["u"]
    return d


# %% ladder-gradients | wrong | one reader of x is forgotten
def gradients(v):
    d = {"loss": 1.0}
    d["m"] = v.m * d["loss"]
    d["r"] = v.s * d["m"]
    d["p"] = -v.r * d["r"]
    d["q"] = d["p"]
    d["u"] = d["p"]
    d["s"] = v.r * d["m"] + v.x * d["u"]
    d["z"] = (1 - v.s**2) * d["s"] + 2 * v.z * d["q"]
    d["w"] = v.x * d["z"]
    d["x"] = v.w * d["z"]
    return d


# %% ladder-gradients | wrong | the minus of the exponent is lost
def gradients(v):
    d = {"loss": 1.0}
    d["m"] = v.m * d["loss"]
    d["r"] = v.s * d["m"]
    d["p"] = v.r * d["r"]
    d["q"] = d["p"]
    d["u"] = d["p"]
    d["s"] = v.r * d["m"] + v.x * d["u"]
    d["z"] = (1 - v.s**2) * d["s"] + 2 * v.z * d["q"]
    d["w"] = v.x * d["z"]
    d["x"] = v.w * d["z"] + v.s * d["u"]
    return d


# %% ladder-gradients | wrong | the slope of tanh is 1 - s
def gradients(v):
    d = {"loss": 1.0}
    d["m"] = v.m * d["loss"]
    d["r"] = v.s * d["m"]
    d["p"] = -v.r * d["r"]
    d["q"] = d["p"]
    d["u"] = d["p"]
    d["s"] = v.r * d["m"] + v.x * d["u"]
    d["z"] = (1 - v.s) * d["s"] + 2 * v.z * d["q"]
    d["w"] = v.x * d["z"]
    d["x"] = v.w * d["z"] + v.s * d["u"]
    return d


# %% ladder-gradients | wrong | the slope of z**2 lacks its z
def gradients(v):
    d = {"loss": 1.0}
    d["m"] = v.m * d["loss"]
    d["r"] = v.s * d["m"]
    d["p"] = -v.r * d["r"]
    d["q"] = d["p"]
    d["u"] = d["p"]
    d["s"] = v.r * d["m"] + v.x * d["u"]
    d["z"] = (1 - v.s**2) * d["s"] + 2 * d["q"]
    d["w"] = v.x * d["z"]
    d["x"] = v.w * d["z"] + v.s * d["u"]
    return d


# %% ladder-gradients | wrong | local derivatives alone for w
def gradients(v):
    d = {"loss": 1.0}
    d["m"] = v.m * d["loss"]
    d["r"] = v.s * d["m"]
    d["p"] = -v.r * d["r"]
    d["q"] = d["p"]
    d["u"] = d["p"]
    d["s"] = v.r * d["m"] + v.x * d["u"]
    d["z"] = (1 - v.s**2) * d["s"] + 2 * v.z * d["q"]
    d["w"] = v.x
    d["x"] = v.w * d["z"] + v.s * d["u"]
    return d


# %% ladder-gradients | wrong | nothing is returned
def gradients(v):
    d = {"loss": 1.0}
    d["m"] = v.m * d["loss"]
    d["r"] = v.s * d["m"]
    d["p"] = -v.r * d["r"]
    d["q"] = d["p"]
    d["u"] = d["p"]
    d["s"] = v.r * d["m"] + v.x * d["u"]
    d["z"] = (1 - v.s**2) * d["s"] + 2 * v.z * d["q"]
    d["w"] = v.x * d["z"]
    d["x"] = v.w * d["z"] + v.s * d["u"]


# %% ladder-gradients | right | tanh from z, exp from p
def gradients(v):
    d = {"loss": 1.0}
    d["m"] = v.m * d["loss"]
    d["r"] = v.s * d["m"]
    d["p"] = -np.exp(-v.p) * d["r"]
    d["q"] = d["p"]
    d["u"] = d["p"]
    d["s"] = v.r * d["m"] + v.x * d["u"]
    d["z"] = (1 - np.tanh(v.z) ** 2) * d["s"] + 2 * v.z * d["q"]
    d["w"] = v.x * d["z"]
    d["x"] = v.w * d["z"] + v.s * d["u"]
    return d


# %% ladder-gradients | right | added term by term
def gradients(v):
    d = dict.fromkeys(["m", "r", "p", "q", "u", "s", "z", "w", "x"], 0.0)
    d["loss"] = 1
    d["m"] += v.m
    d["r"] += v.s * d["m"]
    d["s"] += v.r * d["m"]
    d["p"] -= v.r * d["r"]
    d["u"] += d["p"]
    d["q"] += d["p"]
    d["s"] += v.x * d["u"]
    d["x"] += v.s * d["u"]
    d["z"] += 2 * v.z * d["q"] + (1 - v.s * v.s) * d["s"]
    d["w"] += v.x * d["z"]
    d["x"] += v.w * d["z"]
    return d


# %% chain | wrong | keeps the first result of each shape
def chain(df, g, dg):
    kept = {}
    return lambda x: kept.setdefault(np.shape(x), df(g(x)) * dg(x))


def chain_many(functions, derivatives):

    def derivative_of_chain(x):
        value, slope = (x, 1.0)
        for f, df in zip(functions, derivatives, strict=True):
            slope = df(value) * slope
            value = f(value)
        return slope

    return derivative_of_chain


# %% layer-gradients | wrong | the slope as exp(-z) / (1 + exp(-z)) ** 2, which overflows
def layer_gradients(W, b, x, y):
    z = W @ x + b
    a = sigmoid(z)
    delta = (a - y) * np.exp(-z) / (1 + np.exp(-z)) ** 2 / x.shape[1]
    return (delta @ x.T, delta.sum(axis=1, keepdims=True), W.T @ delta)


# %% f-derivative | right | float32 stays float32, which the text leaves open
def f_derivative(x):
    x = np.asarray(x)
    x = x if x.dtype == np.float32 else x.astype(float)
    value = np.exp(x * x)
    return value * (x + x)


# %% f-derivative | wrong | makes an array like the integers
def f_derivative(x):
    x = np.asarray(x)
    slope = np.empty_like(x)
    slope[...] = 2 * x * np.exp(x * x)
    return slope


# %% chain | wrong | looks up the loop variables late
def chain(df, g, dg):
    return lambda x: df(g(x)) * dg(x)


def chain_many(functions, derivatives):
    totals, values = [lambda x: 1.0], [lambda x: x]
    for f, df in zip(functions, derivatives, strict=True):
        old_total, old_value = totals[-1], values[-1]
        totals.append(lambda x, t=old_total, v=old_value: df(v(x)) * t(x))
        values.append(lambda x, v=old_value: f(v(x)))
    return totals[-1]


# %% total-derivative | wrong | lines up the outputs with the values in between
def total_derivative(dz_dy, dy_dx):
    products = dz_dy[..., None] * dy_dx
    return products.sum(axis=0)


# %% self-power-hunt | wrong | forgets the brackets around both paths
def self_power_slope(x):
    return x**x * np.log(x) + 1


def counterexample_1():
    return (2.0,)


# %% relu-mask-hunt | wrong | a proof whose masks agree
def input_gradient(W, b, x):
    z = W @ x + b
    return W.T @ (2 * z * (z > 0))


def counterexample_2():
    return np.eye(2), np.array([[3.0], [1.0]]), np.array([[1.0], [2.0]])


# %% ladder-gradients | wrong | adds the slope of the other summand
def gradients(v):
    d = {"loss": 1.0}
    d["m"] = v.m * d["loss"]
    d["r"] = v.s * d["m"]
    d["p"] = -v.r * d["r"]
    d["q"] = d["p"]
    d["u"] = d["p"] + d["q"]
    d["s"] = v.r * d["m"] + v.x * d["u"]
    d["z"] = (1 - v.s**2) * d["s"] + 2 * v.z * d["q"]
    d["w"] = v.x * d["z"]
    d["x"] = v.w * d["z"] + v.s * d["u"]
    return d
