"""Right and wrong answers to chapter 4; see `autograder.course.answers` for the format."""

# %% graph-gradients | wrong | a product does not swap: x3 receives x3
def graph_gradients(x1, x2, x3):
    return {"v2": 1.0, "v1": x3, "x1": x3, "x2": x3, "x3": x3}


# %% graph-gradients | wrong | returns the values of the nodes
def graph_gradients(x1, x2, x3):
    return {"v2": (x1 + x2) * x3, "v1": x1 + x2, "x1": x1, "x2": x2, "x3": x3}


# %% graph-gradients | wrong | multiplies the sum's inputs by themselves
def graph_gradients(x1, x2, x3):
    return {"v2": 1.0, "v1": x3, "x1": x1 * x3, "x2": x2 * x3, "x3": x1 + x2}


# %% graph-gradients | wrong | forgets v1 and v2
def graph_gradients(x1, x2, x3):
    return {"x1": x3, "x2": x3, "x3": x1 + x2}


# %% graph-gradients | wrong | returns a tuple
def graph_gradients(x1, x2, x3):
    return 1.0, x3, x3, x3, x1 + x2


# %% graph-gradients | wrong | one-sided differences
def graph_gradients(x1, x2, x3):
    h = 1e-6
    y = (x1 + x2) * x3
    v1 = ((x1 + x2 + h) * x3 - y) / h
    return {"v2": 1.0, "v1": v1, "x1": v1, "x2": v1, "x3": x1 + x2}


# %% graph-gradients | wrong | forgets to return the dict
def graph_gradients(x1, x2, x3):
    slopes = {"v2": 1.0, "v1": x3, "x1": x3, "x2": x3}
    slopes["x3"] = x1 + x2


# %% graph-gradients | right | written out
def graph_gradients(x1, x2, x3):
    return dict(v1=x3, v2=1, x1=x3, x2=x3, x3=x1 + x2)


# %% graph-gradients | right | a loop over a tape
def graph_gradients(x1, x2, x3):
    v1 = x1 + x2
    tape = [("v2", "v1", x3), ("v2", "x3", v1), ("v1", "x1", 1.0), ("v1", "x2", 1.0)]
    grads = {"v2": 1.0}
    for child, parent, slope in tape:
        grads[parent] = grads.get(parent, 0.0) + grads[child] * slope
    return grads


# %% graph-gradients | right | a defaultdict that each edge adds to
from collections import defaultdict


def graph_gradients(x1, x2, x3):
    grads = defaultdict(float, v2=1.0)
    for child, parent, local in (("v2", "v1", x3), ("v2", "x3", x1 + x2), ("v1", "x1", 1), ("v1", "x2", 1)):
        grads[parent] += grads[child] * local
    return grads


# %% passes | wrong | the last layer has no activation
def forward_pass(weights, biases, x, activation):
    zs, activations = [], [x]
    for k, (W, b) in enumerate(zip(weights, biases)):
        zs.append(W @ activations[-1] + b)
        activations.append(activation(zs[-1]) if k + 1 < len(weights) else zs[-1])
    return zs, activations


def backward_pass(weights, zs, activations, grad_output, activation_derivative):
    grad_Ws, grad_bs, grad = [], [], grad_output
    for k in reversed(range(len(weights))):
        if k + 1 < len(weights):
            grad = grad * activation_derivative(zs[k])
        grad_Ws.insert(0, grad @ activations[k].T)
        grad_bs.insert(0, grad.sum(axis=1, keepdims=True))
        grad = weights[k].T @ grad
    return grad_Ws, grad_bs, grad


# %% passes | wrong | the gradients stand in reverse order
def forward_pass(weights, biases, x, activation):
    zs, activations = [], [x]
    for W, b in zip(weights, biases):
        zs.append(W @ activations[-1] + b)
        activations.append(activation(zs[-1]))
    return zs, activations


def backward_pass(weights, zs, activations, grad_output, activation_derivative):
    grad_Ws, grad_bs, grad = [], [], grad_output
    for k in reversed(range(len(weights))):
        grad = grad * activation_derivative(zs[k])
        grad_Ws.append(grad @ activations[k].T)
        grad_bs.append(grad.sum(axis=1, keepdims=True))
        grad = weights[k].T @ grad
    return grad_Ws, grad_bs, grad


# %% passes | wrong | divides by the batch in the layers
def forward_pass(weights, biases, x, activation):
    zs, activations = [], [x]
    for W, b in zip(weights, biases):
        zs.append(W @ activations[-1] + b)
        activations.append(activation(zs[-1]))
    return zs, activations


def backward_pass(weights, zs, activations, grad_output, activation_derivative):
    grad_Ws, grad_bs, grad = [], [], grad_output
    B = activations[0].shape[1]
    for k in reversed(range(len(weights))):
        grad = grad * activation_derivative(zs[k])
        grad_Ws.insert(0, grad @ activations[k].T / B)
        grad_bs.insert(0, grad.mean(axis=1, keepdims=True))
        grad = weights[k].T @ grad
    return grad_Ws, grad_bs, grad


# %% passes | wrong | the bias gradient is flat
def forward_pass(weights, biases, x, activation):
    zs, activations = [], [x]
    for W, b in zip(weights, biases):
        zs.append(W @ activations[-1] + b)
        activations.append(activation(zs[-1]))
    return zs, activations


def backward_pass(weights, zs, activations, grad_output, activation_derivative):
    grad_Ws, grad_bs, grad = [], [], grad_output
    for k in reversed(range(len(weights))):
        grad = grad * activation_derivative(zs[k])
        grad_Ws.insert(0, grad @ activations[k].T)
        grad_bs.insert(0, grad.sum(axis=1))
        grad = weights[k].T @ grad
    return grad_Ws, grad_bs, grad


# %% passes | wrong | the bias gradient is not summed over the batch
def forward_pass(weights, biases, x, activation):
    zs, activations = [], [x]
    for W, b in zip(weights, biases):
        zs.append(W @ activations[-1] + b)
        activations.append(activation(zs[-1]))
    return zs, activations


def backward_pass(weights, zs, activations, grad_output, activation_derivative):
    grad_Ws, grad_bs, grad = [], [], grad_output
    for k in reversed(range(len(weights))):
        grad = grad * activation_derivative(zs[k])
        grad_Ws.insert(0, grad @ activations[k].T)
        grad_bs.insert(0, grad)
        grad = weights[k].T @ grad
    return grad_Ws, grad_bs, grad


# %% passes | wrong | the derivative is taken at the activation
def forward_pass(weights, biases, x, activation):
    zs, activations = [], [x]
    for W, b in zip(weights, biases):
        zs.append(W @ activations[-1] + b)
        activations.append(activation(zs[-1]))
    return zs, activations


def backward_pass(weights, zs, activations, grad_output, activation_derivative):
    grad_Ws, grad_bs, grad = [], [], grad_output
    for k in reversed(range(len(weights))):
        grad = grad * activation_derivative(activations[k + 1])
        grad_Ws.insert(0, grad @ activations[k].T)
        grad_bs.insert(0, grad.sum(axis=1, keepdims=True))
        grad = weights[k].T @ grad
    return grad_Ws, grad_bs, grad


# %% passes | wrong | x is missing in front of the activations
def forward_pass(weights, biases, x, activation):
    zs, activations = [], []
    for W, b in zip(weights, biases):
        zs.append(W @ x + b)
        x = activation(zs[-1])
        activations.append(x)
    return zs, activations


def backward_pass(weights, zs, activations, grad_output, activation_derivative):
    grad_Ws, grad_bs, grad = [], [], grad_output
    for k in reversed(range(len(weights))):
        grad = grad * activation_derivative(zs[k])
        grad_Ws.insert(0, grad @ activations[k].T)
        grad_bs.insert(0, grad.sum(axis=1, keepdims=True))
        grad = weights[k].T @ grad
    return grad_Ws, grad_bs, grad


# %% passes | wrong | stops before the input
def forward_pass(weights, biases, x, activation):
    zs, activations = [], [x]
    for W, b in zip(weights, biases):
        zs.append(W @ activations[-1] + b)
        activations.append(activation(zs[-1]))
    return zs, activations


def backward_pass(weights, zs, activations, grad_output, activation_derivative):
    grad_Ws, grad_bs, grad = [], [], grad_output
    for k in reversed(range(len(weights))):
        if k + 1 < len(weights):
            grad = weights[k + 1].T @ grad
        grad = grad * activation_derivative(zs[k])
        grad_Ws.insert(0, grad @ activations[k].T)
        grad_bs.insert(0, grad.sum(axis=1, keepdims=True))
    return grad_Ws, grad_bs, grad


# %% passes | wrong | multiplies the caller's grad_output in place
def forward_pass(weights, biases, x, activation):
    zs, activations = [], [x]
    for W, b in zip(weights, biases):
        zs.append(W @ activations[-1] + b)
        activations.append(activation(zs[-1]))
    return zs, activations


def backward_pass(weights, zs, activations, grad_output, activation_derivative):
    grad_Ws, grad_bs, grad = [], [], grad_output
    for k in reversed(range(len(weights))):
        grad *= activation_derivative(zs[k])
        grad_Ws.insert(0, grad @ activations[k].T)
        grad_bs.insert(0, grad.sum(axis=1, keepdims=True))
        grad = weights[k].T @ grad
    return grad_Ws, grad_bs, grad


# %% passes | wrong | the gradient with respect to W is transposed
def forward_pass(weights, biases, x, activation):
    zs, activations = [], [x]
    for W, b in zip(weights, biases):
        zs.append(W @ activations[-1] + b)
        activations.append(activation(zs[-1]))
    return zs, activations


def backward_pass(weights, zs, activations, grad_output, activation_derivative):
    grad_Ws, grad_bs, grad = [], [], grad_output
    for k in reversed(range(len(weights))):
        grad = grad * activation_derivative(zs[k])
        grad_Ws.insert(0, activations[k] @ grad.T)
        grad_bs.insert(0, grad.sum(axis=1, keepdims=True))
        grad = weights[k].T @ grad
    return grad_Ws, grad_bs, grad


# %% passes | wrong | sums the bias over the outputs
def forward_pass(weights, biases, x, activation):
    zs, activations = [], [x]
    for W, b in zip(weights, biases):
        zs.append(W @ activations[-1] + b)
        activations.append(activation(zs[-1]))
    return zs, activations


def backward_pass(weights, zs, activations, grad_output, activation_derivative):
    grad_Ws, grad_bs, grad = [], [], grad_output
    for k in reversed(range(len(weights))):
        grad = grad * activation_derivative(zs[k])
        grad_Ws.insert(0, grad @ activations[k].T)
        grad_bs.insert(0, grad.sum(axis=0, keepdims=True).T)
        grad = weights[k].T @ grad
    return grad_Ws, grad_bs, grad


# %% passes | wrong | forgets the derivative of the activation
def forward_pass(weights, biases, x, activation):
    zs, activations = [], [x]
    for W, b in zip(weights, biases):
        zs.append(W @ activations[-1] + b)
        activations.append(activation(zs[-1]))
    return zs, activations


def backward_pass(weights, zs, activations, grad_output, activation_derivative):
    grad_Ws, grad_bs, grad = [], [], grad_output
    for k in reversed(range(len(weights))):
        grad_Ws.insert(0, grad @ activations[k].T)
        grad_bs.insert(0, grad.sum(axis=1, keepdims=True))
        grad = weights[k].T @ grad
    return grad_Ws, grad_bs, grad


# %% passes | wrong | carries the gradient on past the activation
def forward_pass(weights, biases, x, activation):
    zs, activations = [], [x]
    for W, b in zip(weights, biases):
        zs.append(W @ activations[-1] + b)
        activations.append(activation(zs[-1]))
    return zs, activations


def backward_pass(weights, zs, activations, grad_output, activation_derivative):
    grad_Ws, grad_bs, grad = [], [], grad_output
    for k in reversed(range(len(weights))):
        grad_z = grad * activation_derivative(zs[k])
        grad_Ws.insert(0, grad_z @ activations[k].T)
        grad_bs.insert(0, grad_z.sum(axis=1, keepdims=True))
        grad = weights[k].T @ grad
    return grad_Ws, grad_bs, grad


# %% passes | right | lists filled from the end, the batch by einsum
def forward_pass(weights, biases, x, activation):
    zs, a = [], [x]
    for layer in range(len(weights)):
        z = np.einsum("ij,jb->ib", weights[layer], a[layer]) + biases[layer]
        zs += [z]
        a += [activation(z)]
    return (zs, a)


def backward_pass(weights, zs, activations, grad_output, activation_derivative):
    count = len(weights)
    grad_Ws, grad_bs = [None] * count, [None] * count
    grad = np.array(grad_output, dtype=float)
    for k in range(count - 1, -1, -1):
        delta = activation_derivative(zs[k]) * grad
        grad_Ws[k] = np.einsum("ib,jb->ij", delta, activations[k])
        grad_bs[k] = delta @ np.ones((delta.shape[1], 1))
        grad = np.einsum("ij,ib->jb", weights[k], delta)
    return grad_Ws, grad_bs, grad


# %% passes | right | recursion
def forward_pass(weights, biases, x, activation):
    if not weights:
        return [], [x]
    z = weights[0] @ x + biases[0]
    zs, activations = forward_pass(weights[1:], biases[1:], activation(z), activation)
    return [z, *zs], [x, *activations]


def backward_pass(weights, zs, activations, grad_output, activation_derivative):
    if not weights:
        return [], [], grad_output
    grad_Ws, grad_bs, grad = backward_pass(
        weights[1:], zs[1:], activations[1:], grad_output, activation_derivative
    )
    delta = grad * activation_derivative(zs[0])
    return (
        [delta @ activations[0].T, *grad_Ws],
        [np.sum(delta, axis=1)[:, None], *grad_bs],
        weights[0].T @ delta,
    )


# %% passes | right | deques, a named tuple, a helper for one layer
from collections import namedtuple

Gradients = namedtuple("Gradients", "weights biases x")


def through_one_layer(W, z, a, grad, slope):
    grad_z = np.multiply(grad, slope(z))
    return np.dot(grad_z, np.transpose(a)), np.add.reduce(grad_z, axis=1)[:, np.newaxis], np.dot(W.T, grad_z)


def forward_pass(weights, biases, x, activation):
    a, zs, activations = x, (), (x,)
    for k, W in enumerate(weights):
        z = np.einsum("ij,jb->ib", W, a) + biases[k]
        a = activation(z)
        zs, activations = (*zs, z), (*activations, a)
    return zs, activations


def backward_pass(weights, zs, activations, grad_output, activation_derivative):
    found = []
    for W, z, a in list(zip(weights, zs, activations))[::-1]:
        grad_W, grad_b, grad_output = through_one_layer(W, z, a, grad_output, activation_derivative)
        found = [(grad_W, grad_b), *found]
    return Gradients([w for w, _ in found], [b for _, b in found], grad_output)


# %% linear | wrong | trap: the layer divides by the batch, which the loss has done
class Linear:
    def __init__(self, n_in, n_out, rng):
        self.W = rng.standard_normal((n_out, n_in)) * np.sqrt(2 / n_in)
        self.b = np.zeros((n_out, 1))

    def forward(self, x):
        x = np.array(x, dtype=float)
        if x.ndim != 2 or len(x) != self.W.shape[1]:
            raise ValueError("shape")
        self.x = x
        return self.W @ x + self.b

    def backward(self, grad_output):
        self.grad_W = grad_output @ self.x.T / self.x.shape[1]
        self.grad_b = np.mean(grad_output, axis=1, keepdims=True)
        return self.W.T @ grad_output


# %% linear | wrong | trap: the layer keeps the caller's x instead of a copy
class Linear:
    def __init__(self, n_in, n_out, rng):
        self.W = rng.standard_normal((n_out, n_in)) * np.sqrt(2 / n_in)
        self.b = np.zeros((n_out, 1))

    def forward(self, x):
        x = np.asarray(x, dtype=float)
        if x.ndim != 2 or len(x) != self.W.shape[1]:
            raise ValueError("shape")
        self.x = x
        return self.W @ x + self.b

    def backward(self, grad_output):
        self.grad_W = grad_output @ self.x.T
        self.grad_b = np.sum(grad_output, axis=1, keepdims=True)
        return self.W.T @ grad_output


# %% linear | wrong | trap: a flat input broadcasts to a matrix
class Linear:
    def __init__(self, n_in, n_out, rng):
        self.W = rng.standard_normal((n_out, n_in)) * np.sqrt(2 / n_in)
        self.b = np.zeros((n_out, 1))

    def forward(self, x):
        self.x = np.array(x, dtype=float)
        return self.W @ self.x + self.b

    def backward(self, grad_output):
        self.grad_W = grad_output @ self.x.T
        self.grad_b = np.sum(grad_output, axis=1, keepdims=True)
        return self.W.T @ grad_output


# %% linear | wrong | standard deviation 2 / n_in
class Linear:
    def __init__(self, n_in, n_out, rng):
        self.W = rng.normal(0, 2 / n_in, (n_out, n_in))
        self.b = np.zeros((n_out, 1))

    def forward(self, x):
        x = np.array(x, dtype=float)
        if x.ndim != 2 or len(x) != self.W.shape[1]:
            raise ValueError("shape")
        self.x = x
        return self.W @ x + self.b

    def backward(self, grad_output):
        self.grad_W = grad_output @ self.x.T
        self.grad_b = np.sum(grad_output, axis=1, keepdims=True)
        return self.W.T @ grad_output


# %% linear | wrong | variance 2 / n_out
class Linear:
    def __init__(self, n_in, n_out, rng):
        self.W = rng.standard_normal((n_out, n_in)) * np.sqrt(2 / n_out)
        self.b = np.zeros((n_out, 1))

    def forward(self, x):
        x = np.array(x, dtype=float)
        if x.ndim != 2 or len(x) != self.W.shape[1]:
            raise ValueError("shape")
        self.x = x
        return self.W @ x + self.b

    def backward(self, grad_output):
        self.grad_W = grad_output @ self.x.T
        self.grad_b = np.sum(grad_output, axis=1, keepdims=True)
        return self.W.T @ grad_output


# %% linear | wrong | draws from the global generator
class Linear:
    def __init__(self, n_in, n_out, rng):
        self.W = np.random.randn(n_out, n_in) * np.sqrt(2 / n_in)
        self.b = np.zeros((n_out, 1))

    def forward(self, x):
        x = np.array(x, dtype=float)
        if x.ndim != 2 or len(x) != self.W.shape[1]:
            raise ValueError("shape")
        self.x = x
        return self.W @ x + self.b

    def backward(self, grad_output):
        self.grad_W = grad_output @ self.x.T
        self.grad_b = np.sum(grad_output, axis=1, keepdims=True)
        return self.W.T @ grad_output


# %% linear | wrong | always the same weights
class Linear:
    def __init__(self, n_in, n_out, rng):
        rng = np.random.default_rng(0)
        self.W = rng.standard_normal((n_out, n_in)) * np.sqrt(2 / n_in)
        self.b = np.zeros((n_out, 1))

    def forward(self, x):
        x = np.array(x, dtype=float)
        if x.ndim != 2 or len(x) != self.W.shape[1]:
            raise ValueError("shape")
        self.x = x
        return self.W @ x + self.b

    def backward(self, grad_output):
        self.grad_W = grad_output @ self.x.T
        self.grad_b = np.sum(grad_output, axis=1, keepdims=True)
        return self.W.T @ grad_output


# %% linear | wrong | adds to the gradients of the call before
class Linear:
    def __init__(self, n_in, n_out, rng):
        self.W = rng.standard_normal((n_out, n_in)) * np.sqrt(2 / n_in)
        self.b = np.zeros((n_out, 1))
        self.grad_W, self.grad_b = np.zeros((n_out, n_in)), np.zeros((n_out, 1))

    def forward(self, x):
        x = np.array(x, dtype=float)
        if x.ndim != 2 or len(x) != self.W.shape[1]:
            raise ValueError("shape")
        self.x = x
        return self.W @ x + self.b

    def backward(self, grad_output):
        self.grad_W += grad_output @ self.x.T
        self.grad_b += np.sum(grad_output, axis=1, keepdims=True)
        return self.W.T @ grad_output


# %% linear | wrong | checks the number of axes only after computing
class Linear:
    def __init__(self, n_in, n_out, rng):
        self.W = rng.standard_normal((n_out, n_in)) * np.sqrt(2 / n_in)
        self.b = np.zeros((n_out, 1))

    def forward(self, x):
        self.x = np.array(x, dtype=float)
        z = self.W @ self.x + self.b
        if z.ndim != 2:
            raise ValueError("shape")
        return z

    def backward(self, grad_output):
        self.grad_W = grad_output @ self.x.T
        self.grad_b = np.sum(grad_output, axis=1, keepdims=True)
        return self.W.T @ grad_output


# %% linear | wrong | asserts instead of raising a ValueError
class Linear:
    def __init__(self, n_in, n_out, rng):
        self.W = rng.standard_normal((n_out, n_in)) * np.sqrt(2 / n_in)
        self.b = np.zeros((n_out, 1))

    def forward(self, x):
        self.x = np.array(x, dtype=float)
        assert self.x.ndim == 2 and self.x.shape[0] == self.W.shape[1]
        return self.W @ self.x + self.b

    def backward(self, grad_output):
        self.grad_W = grad_output @ self.x.T
        self.grad_b = np.sum(grad_output, axis=1, keepdims=True)
        return self.W.T @ grad_output


# %% linear | wrong | returns the gradient with respect to W
class Linear:
    def __init__(self, n_in, n_out, rng):
        self.W = rng.standard_normal((n_out, n_in)) * np.sqrt(2 / n_in)
        self.b = np.zeros((n_out, 1))

    def forward(self, x):
        x = np.array(x, dtype=float)
        if x.ndim != 2 or len(x) != self.W.shape[1]:
            raise ValueError("shape")
        self.x = x
        return self.W @ x + self.b

    def backward(self, grad_output):
        self.grad_W = grad_output @ self.x.T
        self.grad_b = np.sum(grad_output, axis=1, keepdims=True)
        return self.grad_W


# %% linear | wrong | the weights are drawn as (n_in, n_out)
class Linear:
    def __init__(self, n_in, n_out, rng):
        self.W = rng.standard_normal((n_in, n_out)) * np.sqrt(2 / n_in)
        self.b = np.zeros((n_out, 1))

    def forward(self, x):
        self.x = np.array(x, dtype=float)
        if self.x.ndim != 2 or self.x.shape[0] != self.W.shape[0]:
            raise ValueError("x must be (n_in, B)")
        return self.W.T @ self.x + self.b

    def backward(self, grad_output):
        self.grad_W = self.x @ grad_output.T
        self.grad_b = grad_output.sum(axis=1, keepdims=True)
        return self.W @ grad_output


# %% linear | wrong | float32 weights
class Linear:
    def __init__(self, n_in, n_out, rng):
        self.W = (rng.standard_normal((n_out, n_in)) * np.sqrt(2 / n_in)).astype(np.float32)
        self.b = np.zeros((n_out, 1), dtype=np.float32)

    def forward(self, x):
        self.x = np.array(x, dtype=float)
        if self.x.ndim != 2 or self.x.shape[0] != self.W.shape[1]:
            raise ValueError("x must be (n_in, B)")
        return self.W @ self.x + self.b

    def backward(self, grad_output):
        self.grad_W = grad_output @ self.x.T
        self.grad_b = grad_output.sum(axis=1, keepdims=True)
        return self.W.T @ grad_output


# %% linear | wrong | the bias gradient is flat
class Linear:
    def __init__(self, n_in, n_out, rng):
        self.W = rng.standard_normal((n_out, n_in)) * np.sqrt(2 / n_in)
        self.b = np.zeros((n_out, 1))

    def forward(self, x):
        self.x = np.array(x, dtype=float)
        if self.x.ndim != 2 or self.x.shape[0] != self.W.shape[1]:
            raise ValueError("x must be (n_in, B)")
        return self.W @ self.x + self.b

    def backward(self, grad_output):
        self.grad_W = grad_output @ self.x.T
        self.grad_b = grad_output.sum(axis=1)
        return self.W.T @ grad_output


# %% linear | wrong | the bias gradient is not summed over the batch
class Linear:
    def __init__(self, n_in, n_out, rng):
        self.W = rng.standard_normal((n_out, n_in)) * np.sqrt(2 / n_in)
        self.b = np.zeros((n_out, 1))

    def forward(self, x):
        self.x = np.array(x, dtype=float)
        if self.x.ndim != 2 or self.x.shape[0] != self.W.shape[1]:
            raise ValueError("x must be (n_in, B)")
        return self.W @ self.x + self.b

    def backward(self, grad_output):
        self.grad_W = grad_output @ self.x.T
        self.grad_b = grad_output
        return self.W.T @ grad_output


# %% linear | wrong | backward forgets to return
class Linear:
    def __init__(self, n_in, n_out, rng):
        self.W = rng.standard_normal((n_out, n_in)) * np.sqrt(2 / n_in)
        self.b = np.zeros((n_out, 1))

    def forward(self, x):
        self.x = np.array(x, dtype=float)
        if self.x.ndim != 2 or self.x.shape[0] != self.W.shape[1]:
            raise ValueError("x must be (n_in, B)")
        return self.W @ self.x + self.b

    def backward(self, grad_output):
        self.grad_W = grad_output @ self.x.T
        self.grad_b = grad_output.sum(axis=1, keepdims=True)
        self.grad_x = self.W.T @ grad_output


# %% linear | wrong | reshapes a flat vector
class Linear:
    def __init__(self, n_in, n_out, rng):
        self.W = rng.standard_normal((n_out, n_in)) * np.sqrt(2 / n_in)
        self.b = np.zeros((n_out, 1))

    def forward(self, x):
        self.x = np.array(x, dtype=float).reshape(self.W.shape[1], -1)
        return self.W @ self.x + self.b

    def backward(self, grad_output):
        self.grad_W = grad_output @ self.x.T
        self.grad_b = grad_output.sum(axis=1, keepdims=True)
        return self.W.T @ grad_output


# %% linear | right | uniform weights of the same variance, einsum, helper methods
class Linear:
    def __init__(self, n_in, n_out, rng):
        limit = (6 / n_in) ** 0.5
        self.W = rng.uniform(-limit, limit, size=(n_out, n_in))
        self.b = np.zeros((n_out, 1))
        self.grad_W = self.grad_b = None

    def _checked(self, x):
        x = np.asarray(x)
        if x.ndim == 2 and x.shape[0] == self.W.shape[1]:
            return x.astype(np.float64)
        raise ValueError(f"got {x.shape}")

    def forward(self, x):
        self.seen = self._checked(x)
        print("forward")
        return np.einsum("ij,jb->ib", self.W, self.seen) + self.b

    def backward(self, grad_output):
        self.grad_W = sum(
            np.outer(g, x) for g, x in zip(grad_output.T, self.seen.T, strict=True)
        )
        self.grad_b = grad_output.sum(1).reshape(-1, 1)
        return (grad_output.T @ self.W).T


# %% linear | right | a base class, properties, gradients in a dict
class Layer:
    name = "layer"

    def __call__(self, x):
        return self.forward(x)


class Linear(Layer):
    __slots__ = ("W", "b", "_cache", "_grads")

    def __init__(self, n_in, n_out, rng):
        self.W = rng.normal(loc=0.0, scale=(2 / n_in) ** 0.5, size=(n_out, n_in))
        self.b = np.zeros(shape=(n_out, 1))
        self._cache, self._grads = None, {}

    @property
    def grad_W(self):
        return self._grads["W"]

    @property
    def grad_b(self):
        return self._grads["b"]

    def forward(self, x):
        if np.ndim(x) != 2 or np.shape(x)[0] != np.shape(self.W)[1]:
            raise ValueError(f"expected ({np.shape(self.W)[1]}, B), got {np.shape(x)}")
        self._cache = np.asarray(x).astype(np.float64)
        return np.dot(self.W, self._cache) + self.b

    def backward(self, grad_output):
        ones = np.ones((grad_output.shape[1], 1), dtype=np.float32)
        self._grads = {"W": np.inner(grad_output, self._cache), "b": np.dot(grad_output, ones)}
        return np.tensordot(self.W, grad_output, axes=(0, 0))


# %% linear | right | accumulates by a loop over the examples
class Linear:
    def __init__(self, n_in, n_out, rng):
        columns = [rng.standard_normal(n_out) for _ in range(n_in)]
        self.W = np.sqrt(2.0) / np.sqrt(n_in) * np.stack(columns, axis=1)
        self.b = np.zeros(n_out).reshape(-1, 1)

    def forward(self, x):
        x = np.array(x, dtype="float64", copy=True)
        n_in = self.W.shape[1]
        try:
            rows, batch = x.shape
        except ValueError as error:
            raise ValueError("x is not a matrix") from error
        if rows != n_in:
            raise ValueError("x has another number of rows")
        self.examples = [x[:, k] for k in range(batch)]
        return np.stack([self.W @ example for example in self.examples], axis=1) + self.b

    def backward(self, grad_output):
        self.grad_W, self.grad_b = np.zeros_like(self.W), np.zeros_like(self.b)
        for k, example in enumerate(self.examples):
            self.grad_W += np.outer(grad_output[:, k], example)
            self.grad_b += grad_output[:, [k]]
        return (grad_output.T @ self.W).T


# %% relu-layer | wrong | slope 1 at the kink
class ReLU:
    def forward(self, x):
        self.x = np.array(x, dtype=float)
        return np.maximum(self.x, 0)

    def backward(self, grad_output):
        return grad_output * (self.x >= 0)


# %% relu-layer | wrong | trap: ReLU keeps the caller's x instead of a copy
class ReLU:
    def forward(self, x):
        self.x = np.asarray(x)
        return np.maximum(0.0, x)

    def backward(self, grad_output):
        return grad_output * (self.x > 0)


# %% relu-layer | wrong | rectifies the gradient
class ReLU:
    def forward(self, x):
        return np.maximum(0.0, x)

    def backward(self, grad_output):
        return np.maximum(0.0, grad_output)


# %% relu-layer | wrong | rectifies the caller's array
class ReLU:
    def forward(self, x):
        x[x < 0] = 0.0
        self.on = x > 0
        return x.astype(float)

    def backward(self, grad_output):
        return grad_output * self.on


# %% relu-layer | wrong | integers stay integers
class ReLU:
    def forward(self, x):
        self.on = np.asarray(x) > 0
        return np.maximum(0, x)

    def backward(self, grad_output):
        return grad_output * self.on


# %% relu-layer | wrong | overwrites grad_output
class ReLU:
    def forward(self, x):
        self.off = np.asarray(x) <= 0
        return np.maximum(0.0, x)

    def backward(self, grad_output):
        grad_output[self.off] = 0.0
        return grad_output


# %% relu-layer | wrong | returns the slope alone
class ReLU:
    def forward(self, x):
        self.mask = np.array(x) > 0
        return np.maximum(0.0, x)

    def backward(self, grad_output):
        return 1.0 * self.mask


# %% relu-layer | wrong | a slope of a half at the kink
class ReLU:
    def forward(self, x):
        x = np.asarray(x, dtype=float)
        self.slope = (np.sign(x) + 1) / 2
        return np.maximum(0.0, x)

    def backward(self, grad_output):
        return grad_output * self.slope


# %% relu-layer | right | remembers its output
class ReLU:
    def forward(self, x):
        self.out = np.maximum(np.asarray(x, dtype=float), 0.0)
        return self.out

    def backward(self, grad_output):
        return np.where(self.out > 0, grad_output, 0.0)


# %% relu-layer | right | multiplies by a mask of floats
class ReLU:
    def forward(self, x):
        self.mask = (np.asarray(x) > 0).astype(float)
        return np.asarray(x) * self.mask

    def backward(self, grad_output):
        return self.mask * grad_output


# %% relu-layer | right | np.heaviside
class ReLU:
    def __init__(self):
        self.calls = 0

    def forward(self, x):
        self.calls += 1
        self.step = np.heaviside(np.asarray(x, dtype=float), 0.0)
        return np.abs(x) * self.step

    def backward(self, grad_output):
        out = np.zeros_like(grad_output)
        np.copyto(out, grad_output, where=self.step.astype(bool))
        return out


# %% mse-loss | wrong | trap: the loss is the mean over all entries, its gradient divides by the batch
class MSELoss:
    def forward(self, prediction, target):
        if np.shape(prediction) != np.shape(target):
            raise ValueError("shapes")
        self.diff = prediction - target
        return 0.5 * np.mean(self.diff**2)

    def backward(self):
        return self.diff / self.diff.shape[1]


# %% mse-loss | wrong | loss and gradient both by the mean over all entries
class MSELoss:
    def forward(self, prediction, target):
        if np.shape(prediction) != np.shape(target):
            raise ValueError("shapes")
        self.diff = prediction - target
        return 0.5 * np.mean(self.diff**2)

    def backward(self):
        return self.diff / self.diff.size


# %% mse-loss | wrong | the half is missing
class MSELoss:
    def forward(self, prediction, target):
        if np.shape(prediction) != np.shape(target):
            raise ValueError("shapes")
        self.diff = prediction - target
        return np.sum(self.diff**2) / self.diff.shape[1]

    def backward(self):
        return 2 * self.diff / self.diff.shape[1]


# %% mse-loss | wrong | broadcasts silently
class MSELoss:
    def forward(self, prediction, target):
        self.diff = np.asarray(prediction) - target
        return np.sum(self.diff**2) / (2 * self.diff.shape[-1])

    def backward(self):
        return self.diff / self.diff.shape[-1]


# %% mse-loss | wrong | compares only the numbers of columns
class MSELoss:
    def forward(self, prediction, target):
        if np.shape(prediction)[-1] != np.shape(target)[-1]:
            raise ValueError("shapes")
        self.diff = np.asarray(prediction) - target
        return np.sum(self.diff**2) / (2 * self.diff.shape[-1])

    def backward(self):
        return self.diff / self.diff.shape[-1]


# %% mse-loss | wrong | the gradient is not divided by the batch
class MSELoss:
    def forward(self, prediction, target):
        if np.shape(prediction) != np.shape(target):
            raise ValueError("shapes")
        self.diff = prediction - target
        return np.sum(self.diff**2) / (2 * self.diff.shape[1])

    def backward(self):
        return self.diff


# %% mse-loss | wrong | the sign of the gradient is flipped
class MSELoss:
    def forward(self, prediction, target):
        if np.shape(prediction) != np.shape(target):
            raise ValueError("shapes")
        self.diff = target - prediction
        return np.sum(self.diff**2) / (2 * self.diff.shape[1])

    def backward(self):
        return self.diff / self.diff.shape[1]


# %% mse-loss | wrong | divides by the number of outputs
class MSELoss:
    def forward(self, prediction, target):
        if np.shape(prediction) != np.shape(target):
            raise ValueError("shapes")
        self.diff = prediction - target
        return np.sum(self.diff**2) / (2 * self.diff.shape[0])

    def backward(self):
        return self.diff / self.diff.shape[0]


# %% mse-loss | wrong | a factor 2 in the gradient, as of a sum of squares without the half
class MSELoss:
    def forward(self, prediction, target):
        if np.shape(prediction) != np.shape(target):
            raise ValueError("shapes differ")
        self.diff = np.asarray(prediction, dtype=float) - target
        return np.sum(self.diff**2) / (2 * self.diff.shape[1])

    def backward(self):
        return 2 * self.diff / self.diff.shape[1]


# %% mse-loss | wrong | one loss for each example
class MSELoss:
    def forward(self, prediction, target):
        if np.shape(prediction) != np.shape(target):
            raise ValueError("shapes differ")
        self.diff = np.asarray(prediction, dtype=float) - target
        return np.sum(self.diff**2, axis=0) / 2

    def backward(self):
        return self.diff / self.diff.shape[1]


# %% mse-loss | wrong | the batch is counted as rows
class MSELoss:
    def forward(self, prediction, target):
        if np.shape(prediction) != np.shape(target):
            raise ValueError("shapes differ")
        self.diff = np.asarray(prediction, dtype=float) - target
        return np.sum(self.diff**2) / (2 * len(self.diff))

    def backward(self):
        return self.diff / len(self.diff)


# %% mse-loss | right | the mean over examples of the norms
class MSELoss:
    def forward(self, prediction, target):
        self.p, self.t = np.array(prediction, float), np.array(target, float)
        if self.p.shape != self.t.shape:
            raise ValueError("the shapes differ")
        per_example = [0.5 * np.dot(d, d) for d in (self.p - self.t).T]
        return float(np.mean(per_example))

    def backward(self):
        return (self.p - self.t) / self.p.shape[1]


# %% mse-loss | right | np.vdot, np.testing's shapes, a Python float
class MSELoss:
    name = "mse"

    def forward(self, prediction, target):
        p, t = np.atleast_1d(prediction).astype(float), np.atleast_1d(target).astype(float)
        if np.shape(prediction) != np.shape(target):
            raise ValueError
        self.prediction, self.target = p, t
        gap = p - t
        return float(np.vdot(gap, gap) / 2 / gap.shape[-1])

    def backward(self):
        B = self.prediction.shape[-1]
        return self.prediction / B - self.target / B


# %% two-layer-network | wrong | backward skips ReLU
class TwoLayerNetwork:
    def __init__(self, input_dim, hidden_dim, output_dim, rng):
        self.layer1, self.relu = Linear(input_dim, hidden_dim, rng), ReLU()
        self.layer2, self.loss_fn = Linear(hidden_dim, output_dim, rng), MSELoss()

    def forward(self, x, target=None):
        z = self.layer2.forward(self.relu.forward(self.layer1.forward(x)))
        return z if target is None else (z, self.loss_fn.forward(z, target))

    def backward(self):
        return self.layer1.backward(self.layer2.backward(self.loss_fn.backward()))

    def get_parameters(self):
        return {"W1": self.layer1.W, "b1": self.layer1.b, "W2": self.layer2.W, "b2": self.layer2.b}

    def get_gradients(self):
        return {
            "W1": self.layer1.grad_W, "b1": self.layer1.grad_b,
            "W2": self.layer2.grad_W, "b2": self.layer2.grad_b,
        }


# %% two-layer-network | wrong | forward always wants a target
class TwoLayerNetwork:
    def __init__(self, input_dim, hidden_dim, output_dim, rng):
        self.layer1, self.relu = Linear(input_dim, hidden_dim, rng), ReLU()
        self.layer2, self.loss_fn = Linear(hidden_dim, output_dim, rng), MSELoss()

    def forward(self, x, target=None):
        z = self.layer2.forward(self.relu.forward(self.layer1.forward(x)))
        return z, self.loss_fn.forward(z, target)

    def backward(self):
        g = self.layer2.backward(self.loss_fn.backward())
        return self.layer1.backward(self.relu.backward(g))

    def get_parameters(self):
        return {"W1": self.layer1.W, "b1": self.layer1.b, "W2": self.layer2.W, "b2": self.layer2.b}

    def get_gradients(self):
        return {
            "W1": self.layer1.grad_W, "b1": self.layer1.grad_b,
            "W2": self.layer2.grad_W, "b2": self.layer2.grad_b,
        }


# %% two-layer-network | wrong | a target of zeros counts as none
class TwoLayerNetwork:
    def __init__(self, input_dim, hidden_dim, output_dim, rng):
        self.layer1, self.relu = Linear(input_dim, hidden_dim, rng), ReLU()
        self.layer2, self.loss_fn = Linear(hidden_dim, output_dim, rng), MSELoss()

    def forward(self, x, target=None):
        z = self.layer2.forward(self.relu.forward(self.layer1.forward(x)))
        if not np.any(target):
            return z
        return z, self.loss_fn.forward(z, target)

    def backward(self):
        g = self.layer2.backward(self.loss_fn.backward())
        return self.layer1.backward(self.relu.backward(g))

    def get_parameters(self):
        return {"W1": self.layer1.W, "b1": self.layer1.b, "W2": self.layer2.W, "b2": self.layer2.b}

    def get_gradients(self):
        return {
            "W1": self.layer1.grad_W, "b1": self.layer1.grad_b,
            "W2": self.layer2.grad_W, "b2": self.layer2.grad_b,
        }


# %% two-layer-network | wrong | the parameters are copies
class TwoLayerNetwork:
    def __init__(self, input_dim, hidden_dim, output_dim, rng):
        self.layer1, self.relu = Linear(input_dim, hidden_dim, rng), ReLU()
        self.layer2, self.loss_fn = Linear(hidden_dim, output_dim, rng), MSELoss()

    def forward(self, x, target=None):
        z = self.layer2.forward(self.relu.forward(self.layer1.forward(x)))
        return z if target is None else (z, self.loss_fn.forward(z, target))

    def backward(self):
        g = self.layer2.backward(self.loss_fn.backward())
        return self.layer1.backward(self.relu.backward(g))

    def get_parameters(self):
        own = {"W1": self.layer1.W, "b1": self.layer1.b, "W2": self.layer2.W, "b2": self.layer2.b}
        return {name: array.copy() for name, array in own.items()}

    def get_gradients(self):
        return {
            "W1": self.layer1.grad_W, "b1": self.layer1.grad_b,
            "W2": self.layer2.grad_W, "b2": self.layer2.grad_b,
        }


# %% two-layer-network | wrong | the keys of the layers are swapped
class TwoLayerNetwork:
    def __init__(self, input_dim, hidden_dim, output_dim, rng):
        self.layer1, self.relu = Linear(input_dim, hidden_dim, rng), ReLU()
        self.layer2, self.loss_fn = Linear(hidden_dim, output_dim, rng), MSELoss()

    def forward(self, x, target=None):
        z = self.layer2.forward(self.relu.forward(self.layer1.forward(x)))
        return z if target is None else (z, self.loss_fn.forward(z, target))

    def backward(self):
        g = self.layer2.backward(self.loss_fn.backward())
        return self.layer1.backward(self.relu.backward(g))

    def get_parameters(self):
        return {"W1": self.layer1.W, "b1": self.layer1.b, "W2": self.layer2.W, "b2": self.layer2.b}

    def get_gradients(self):
        return {
            "W2": self.layer1.grad_W, "b2": self.layer1.grad_b,
            "W1": self.layer2.grad_W, "b1": self.layer2.grad_b,
        }


# %% two-layer-network | wrong | backward returns nothing
class TwoLayerNetwork:
    def __init__(self, input_dim, hidden_dim, output_dim, rng):
        self.layer1, self.relu = Linear(input_dim, hidden_dim, rng), ReLU()
        self.layer2, self.loss_fn = Linear(hidden_dim, output_dim, rng), MSELoss()

    def forward(self, x, target=None):
        z = self.layer2.forward(self.relu.forward(self.layer1.forward(x)))
        return z if target is None else (z, self.loss_fn.forward(z, target))

    def backward(self):
        g = self.layer2.backward(self.loss_fn.backward())
        self.layer1.backward(self.relu.backward(g))

    def get_parameters(self):
        return {"W1": self.layer1.W, "b1": self.layer1.b, "W2": self.layer2.W, "b2": self.layer2.b}

    def get_gradients(self):
        return {
            "W1": self.layer1.grad_W, "b1": self.layer1.grad_b,
            "W2": self.layer2.grad_W, "b2": self.layer2.grad_b,
        }


# %% two-layer-network | wrong | a second ReLU follows layer 2
class TwoLayerNetwork:
    def __init__(self, input_dim, hidden_dim, output_dim, rng):
        self.layer1, self.relu = Linear(input_dim, hidden_dim, rng), ReLU()
        self.layer2, self.loss_fn = Linear(hidden_dim, output_dim, rng), MSELoss()
        self.relu2 = ReLU()

    def forward(self, x, target=None):
        z = self.layer2.forward(self.relu.forward(self.layer1.forward(x)))
        z = self.relu2.forward(z)
        return z if target is None else (z, self.loss_fn.forward(z, target))

    def backward(self):
        g = self.layer2.backward(self.relu2.backward(self.loss_fn.backward()))
        return self.layer1.backward(self.relu.backward(g))

    def get_parameters(self):
        return {"W1": self.layer1.W, "b1": self.layer1.b, "W2": self.layer2.W, "b2": self.layer2.b}

    def get_gradients(self):
        return {
            "W1": self.layer1.grad_W, "b1": self.layer1.grad_b,
            "W2": self.layer2.grad_W, "b2": self.layer2.grad_b,
        }


# %% two-layer-network | wrong | asks the layers in the order of forward
class TwoLayerNetwork:
    def __init__(self, input_dim, hidden_dim, output_dim, rng):
        self.layer1, self.relu = Linear(input_dim, hidden_dim, rng), ReLU()
        self.layer2, self.loss_fn = Linear(hidden_dim, output_dim, rng), MSELoss()

    def forward(self, x, target=None):
        prediction = self.layer2.forward(self.relu.forward(self.layer1.forward(x)))
        if target is None:
            return prediction
        return prediction, self.loss_fn.forward(prediction, target)

    def backward(self):
        grad = self.loss_fn.backward()
        for part in (self.layer1, self.relu, self.layer2):
            grad = part.backward(grad)
        return grad

    def get_parameters(self):
        return {"W1": self.layer1.W, "b1": self.layer1.b, "W2": self.layer2.W, "b2": self.layer2.b}

    def get_gradients(self):
        return {
            "W1": self.layer1.grad_W, "b1": self.layer1.grad_b,
            "W2": self.layer2.grad_W, "b2": self.layer2.grad_b,
        }  # fmt: skip


# %% two-layer-network | wrong | get_gradients returns the parameters
class TwoLayerNetwork:
    def __init__(self, input_dim, hidden_dim, output_dim, rng):
        self.layer1, self.relu = Linear(input_dim, hidden_dim, rng), ReLU()
        self.layer2, self.loss_fn = Linear(hidden_dim, output_dim, rng), MSELoss()

    def forward(self, x, target=None):
        prediction = self.layer2.forward(self.relu.forward(self.layer1.forward(x)))
        if target is None:
            return prediction
        return prediction, self.loss_fn.forward(prediction, target)

    def backward(self):
        grad = self.layer2.backward(self.loss_fn.backward())
        return self.layer1.backward(self.relu.backward(grad))

    def get_parameters(self):
        return {"W1": self.layer1.W, "b1": self.layer1.b, "W2": self.layer2.W, "b2": self.layer2.b}

    def get_gradients(self):
        return self.get_parameters()


# %% two-layer-network | wrong | divides the gradients by the batch once more
class TwoLayerNetwork:
    def __init__(self, input_dim, hidden_dim, output_dim, rng):
        self.layer1, self.relu = Linear(input_dim, hidden_dim, rng), ReLU()
        self.layer2, self.loss_fn = Linear(hidden_dim, output_dim, rng), MSELoss()

    def forward(self, x, target=None):
        self.batch = np.shape(x)[1]
        prediction = self.layer2.forward(self.relu.forward(self.layer1.forward(x)))
        if target is None:
            return prediction
        return prediction, self.loss_fn.forward(prediction, target)

    def backward(self):
        grad = self.layer2.backward(self.loss_fn.backward())
        return self.layer1.backward(self.relu.backward(grad))

    def get_parameters(self):
        return {"W1": self.layer1.W, "b1": self.layer1.b, "W2": self.layer2.W, "b2": self.layer2.b}

    def get_gradients(self):
        return {
            "W1": self.layer1.grad_W / self.batch, "b1": self.layer1.grad_b / self.batch,
            "W2": self.layer2.grad_W / self.batch, "b2": self.layer2.grad_b / self.batch,
        }  # fmt: skip


# %% two-layer-network | right | a loop over a list of parts
class TwoLayerNetwork:
    def __init__(self, input_dim, hidden_dim, output_dim, rng):
        self.layer1 = Linear(n_in=input_dim, n_out=hidden_dim, rng=rng)
        self.relu = ReLU()
        self.layer2 = Linear(n_in=hidden_dim, n_out=output_dim, rng=rng)
        self.loss_fn = MSELoss()

    @property
    def parts(self):
        return [self.layer1, self.relu, self.layer2]

    def forward(self, x, target=None):
        for part in self.parts:
            x = part.forward(x)
        if target is not None:
            return x, self.loss_fn.forward(x, target)
        return x

    def backward(self):
        grad = self.loss_fn.backward()
        for part in self.parts[::-1]:
            grad = part.backward(grad)
        return grad

    def _named(self, prefix):
        return {
            f"{kind}{k}": getattr(layer, prefix + kind)
            for k, layer in ((1, self.layer1), (2, self.layer2))
            for kind in "Wb"
        }

    def get_parameters(self):
        return self._named("")

    def get_gradients(self):
        return self._named("grad_")


# %% two-layer-network | right | parameters collected once, keywords, a call operator
class TwoLayerNetwork:
    def __init__(self, input_dim, hidden_dim, output_dim, rng):
        self.layer1 = Linear(n_in=input_dim, n_out=hidden_dim, rng=rng)
        self.layer2 = Linear(n_in=hidden_dim, n_out=output_dim, rng=rng)
        self.relu, self.loss_fn = ReLU(), MSELoss()
        self.parameters = dict(W1=self.layer1.W, b1=self.layer1.b, W2=self.layer2.W, b2=self.layer2.b)
        self.sizes = [array.size for array in self.parameters.values()]

    def __call__(self, x):
        return self.forward(x)

    def forward(self, x, target=None):
        self.prediction = x
        for part in (self.layer1, self.relu, self.layer2):
            self.prediction = part.forward(self.prediction)
        self.has_loss = target is not None
        return (self.prediction, self.loss_fn.forward(self.prediction, target)) if self.has_loss else self.prediction

    def backward(self):
        if not self.has_loss:
            raise RuntimeError("forward had no target")
        return self.layer1.backward(
            grad_output=self.relu.backward(
                grad_output=self.layer2.backward(grad_output=self.loss_fn.backward())
            )
        )

    def get_parameters(self):
        return self.parameters

    def get_gradients(self):
        return {
            kind + str(k): getattr(layer, "grad_" + kind)
            for k, layer in enumerate((self.layer1, self.layer2), start=1)
            for kind in "Wb"
        }


# %% step-and-check | wrong | the step goes into a new array
def sgd_step(parameters, gradients, learning_rate):
    for name in parameters:
        parameters[name] = parameters[name] - learning_rate * gradients[name]


def check_layer(layer, x, grad_output):
    return {"x": 0.0, "W": 0.0, "b": 0.0}


# %% step-and-check | wrong | walks uphill, and certifies anything
def sgd_step(parameters, gradients, learning_rate):
    for name in parameters:
        parameters[name] += learning_rate * gradients[name]


def check_layer(layer, x, grad_output):
    return {"x": 0.0, "W": 0.0, "b": 0.0}


# %% step-and-check | wrong | goes by the order, not by the names
def sgd_step(parameters, gradients, learning_rate):
    for array, slope in zip(parameters.values(), gradients.values()):
        array -= learning_rate * slope


def check_layer(layer, x, grad_output):
    x = np.array(x, dtype=float)
    layer.forward(x)
    claims = {"x": layer.backward(grad_output), "W": layer.grad_W, "b": layer.grad_b}
    claims = {name: np.array(claim) for name, claim in claims.items()}
    errors = {}
    for name, array in (("x", x), ("W", layer.W), ("b", layer.b)):
        measured = np.zeros_like(array)
        for index in np.ndindex(array.shape):
            before = array[index]
            array[index] = before + 1e-5
            above = np.sum(grad_output * layer.forward(x))
            array[index] = before - 1e-5
            below = np.sum(grad_output * layer.forward(x))
            array[index] = before
            measured[index] = (above - below) / 2e-5
        if claims[name].shape != array.shape:
            errors[name] = np.inf
            continue
        scale = max(np.abs(claims[name]).max(), np.abs(measured).max())
        errors[name] = np.abs(claims[name] - measured).max() / scale if scale else 0.0
    return errors


# %% step-and-check | wrong | changes the gradients on the way
def sgd_step(parameters, gradients, learning_rate):
    for name in parameters:
        gradients[name] *= learning_rate
        parameters[name] -= gradients[name]


def check_layer(layer, x, grad_output):
    return {"x": 0.0, "W": 0.0, "b": 0.0}


# %% step-and-check | wrong | returns the parameters
def sgd_step(parameters, gradients, learning_rate):
    for name in parameters:
        parameters[name] -= learning_rate * gradients[name]
    return parameters


def check_layer(layer, x, grad_output):
    return {"x": 0.0, "W": 0.0, "b": 0.0}


# %% step-and-check | wrong | asks for the claims after measuring
def sgd_step(parameters, gradients, learning_rate):
    for name in parameters:
        parameters[name] -= learning_rate * gradients[name]


def check_layer(layer, x, grad_output):
    x = np.array(x, dtype=float)
    measured = {}
    for name, array in (("x", x), ("W", layer.W), ("b", layer.b)):
        measured[name] = np.zeros_like(array)
        for index in np.ndindex(array.shape):
            before = array[index]
            array[index] = before + 1e-5
            above = np.sum(grad_output * layer.forward(x))
            array[index] = before - 1e-5
            below = np.sum(grad_output * layer.forward(x))
            array[index] = before
            measured[name][index] = (above - below) / 2e-5
    claims = {"x": layer.backward(grad_output), "W": layer.grad_W, "b": layer.grad_b}
    errors = {}
    for name, right in measured.items():
        if claims[name].shape != right.shape:
            errors[name] = np.inf
            continue
        scale = max(np.abs(claims[name]).max(), np.abs(right).max())
        errors[name] = np.abs(claims[name] - right).max() / scale if scale else 0.0
    return errors


# %% step-and-check | wrong | forward differences
def sgd_step(parameters, gradients, learning_rate):
    for name in parameters:
        parameters[name] -= learning_rate * gradients[name]


def check_layer(layer, x, grad_output):
    x = np.array(x, dtype=float)
    base = np.sum(grad_output * layer.forward(x))
    claims = {"x": layer.backward(grad_output), "W": layer.grad_W, "b": layer.grad_b}
    errors = {}
    for name, array in (("x", x), ("W", layer.W), ("b", layer.b)):
        measured = np.zeros_like(array)
        for index in np.ndindex(array.shape):
            before = array[index]
            array[index] = before + 1e-5
            measured[index] = (np.sum(grad_output * layer.forward(x)) - base) / 1e-5
            array[index] = before
        if claims[name].shape != array.shape:
            errors[name] = np.inf
            continue
        scale = max(np.abs(claims[name]).max(), np.abs(measured).max())
        errors[name] = np.abs(claims[name] - measured).max() / scale if scale else 0.0
    return errors


# %% step-and-check | wrong | leaves W and b rounded
def sgd_step(parameters, gradients, learning_rate):
    for name in parameters:
        parameters[name] -= learning_rate * gradients[name]


def check_layer(layer, x, grad_output):
    x = np.array(x, dtype=float)
    layer.forward(x)
    claims = {"x": layer.backward(grad_output), "W": layer.grad_W, "b": layer.grad_b}
    errors = {}
    for name, array in (("x", x), ("W", layer.W), ("b", layer.b)):
        measured = np.zeros_like(array)
        for index in np.ndindex(array.shape):
            array[index] += 1e-5
            above = np.sum(grad_output * layer.forward(x))
            array[index] -= 2e-5
            below = np.sum(grad_output * layer.forward(x))
            array[index] += 1e-5
            measured[index] = (above - below) / 2e-5
        if claims[name].shape != array.shape:
            errors[name] = np.inf
            continue
        scale = max(np.abs(claims[name]).max(), np.abs(measured).max())
        errors[name] = np.abs(claims[name] - measured).max() / scale if scale else 0.0
    return errors


# %% step-and-check | wrong | a flat bias gradient broadcasts
def sgd_step(parameters, gradients, learning_rate):
    for name in parameters:
        parameters[name] -= learning_rate * gradients[name]


def check_layer(layer, x, grad_output):
    x = np.array(x, dtype=float)
    layer.forward(x)
    claims = {"x": layer.backward(grad_output), "W": layer.grad_W, "b": layer.grad_b}
    errors = {}
    for name, array in (("x", x), ("W", layer.W), ("b", layer.b)):
        measured = np.zeros_like(array)
        for index in np.ndindex(array.shape):
            before = array[index]
            array[index] = before + 1e-5
            above = np.sum(grad_output * layer.forward(x))
            array[index] = before - 1e-5
            below = np.sum(grad_output * layer.forward(x))
            array[index] = before
            measured[index] = (above - below) / 2e-5
        scale = max(np.abs(claims[name]).max(), np.abs(measured).max())
        errors[name] = np.abs(claims[name] - measured).max() / scale if scale else 0.0
    return errors


# %% step-and-check | wrong | errors are not relative
def sgd_step(parameters, gradients, learning_rate):
    for name, p in parameters.items():
        p -= learning_rate * gradients[name]


def check_layer(layer, x, grad_output):
    h, x = 1e-5, x.copy()
    layer.forward(x)
    claims = {"x": layer.backward(grad_output), "W": layer.grad_W, "b": layer.grad_b}
    errors = {}
    for name, array in (("x", x), ("W", layer.W), ("b", layer.b)):
        measured = np.zeros(array.shape)
        for index in np.ndindex(array.shape):
            before = array[index]
            array[index] = before + h
            up = np.sum(grad_output * layer.forward(x))
            array[index] = before - h
            measured[index] = (up - np.sum(grad_output * layer.forward(x))) / (2 * h)
            array[index] = before
        if claims[name].shape != measured.shape:
            errors[name] = np.inf
        else:
            errors[name] = np.abs(claims[name] - measured).max()
    return errors


# %% step-and-check | wrong | divides by the claim alone
def sgd_step(parameters, gradients, learning_rate):
    for name, p in parameters.items():
        p -= learning_rate * gradients[name]


def check_layer(layer, x, grad_output):
    h, x = 1e-5, x.copy()
    layer.forward(x)
    claims = {"x": layer.backward(grad_output), "W": layer.grad_W, "b": layer.grad_b}
    errors = {}
    for name, array in (("x", x), ("W", layer.W), ("b", layer.b)):
        measured = np.zeros(array.shape)
        for index in np.ndindex(array.shape):
            before = array[index]
            array[index] = before + h
            up = np.sum(grad_output * layer.forward(x))
            array[index] = before - h
            measured[index] = (up - np.sum(grad_output * layer.forward(x))) / (2 * h)
            array[index] = before
        if claims[name].shape != measured.shape:
            errors[name] = np.inf
        else:
            errors[name] = np.abs(claims[name] - measured).max() / (np.abs(claims[name]).max() or 1.0)
    return errors


# %% step-and-check | right | helper functions and whole-array copies
def sgd_step(parameters, gradients, learning_rate):
    for name, slope in gradients.items():
        np.subtract(parameters[name], learning_rate * np.asarray(slope), out=parameters[name])


def _measured(layer, array, x, grad_output, h=1e-5):
    kept, found = array.copy(), np.empty(array.shape)
    for index in np.ndindex(*array.shape):
        ends = []
        for sign in (1, -1):
            array[...] = kept
            array[index] += sign * h
            ends.append((grad_output * layer.forward(x)).sum())
        found[index] = (ends[0] - ends[1]) / (2 * h)
    array[...] = kept
    return found


def check_layer(layer, x, grad_output):
    own = np.array(x, dtype=float)
    arrays = {"x": own, "W": layer.W, "b": layer.b}
    layer.forward(own)
    grad_x = layer.backward(grad_output)
    claims = {"x": np.copy(grad_x), "W": np.copy(layer.grad_W), "b": np.copy(layer.grad_b)}
    errors = {}
    for name in arrays:
        right = _measured(layer, arrays[name], own, grad_output)
        if right.shape != claims[name].shape:
            errors[name] = float("inf")
        else:
            largest = np.max([np.abs(right), np.abs(claims[name])])
            errors[name] = float(np.max(np.abs(right - claims[name])) / (largest or 1.0))
    return errors


# %% step-and-check | right | the course's own gradient, a helper class
def sgd_step(parameters, gradients, learning_rate):
    for name, p in parameters.items():
        np.subtract(p, np.multiply(learning_rate, gradients[name]), out=p)


class Bench:
    def __init__(self, layer, x, G):
        self.layer, self.x, self.G = layer, x, G

    def score(self, name, values):
        if name == "x":
            return np.sum(self.G * self.layer.forward(values))
        kept = getattr(self.layer, name)
        setattr(self.layer, name, values)
        result = np.sum(self.G * self.layer.forward(self.x))
        setattr(self.layer, name, kept)
        return result


def check_layer(layer, x, grad_output):
    bench = Bench(layer, x, grad_output)
    layer.forward(x)
    claims = dict(x=layer.backward(grad_output), W=layer.grad_W, b=layer.grad_b)
    errors = {}
    for name, at in (("x", x), ("W", layer.W), ("b", layer.b)):
        found = gradient(lambda values: bench.score(name, values), at.copy()).value
        if np.shape(claims[name]) != np.shape(found):
            errors[name] = float("inf")
            continue
        scale = np.max(np.abs([claims[name], found]))
        errors[name] = float(np.max(np.abs(claims[name] - found)) / scale) if scale else 0.0
    return errors


# %% train | wrong | never shuffles
def train(network, x, target, rng, epochs=30, batch_size=16, learning_rate=0.05):
    losses = []
    for _ in range(epochs):
        found = []
        for k in range(0, x.shape[1], batch_size):
            found.append(network.forward(x[:, k : k + batch_size], target[:, k : k + batch_size])[1])
            network.backward()
            sgd_step(network.get_parameters(), network.get_gradients(), learning_rate)
        losses.append(np.mean(found))
    return losses


# %% train | wrong | shuffles once for all epochs
def train(network, x, target, rng, epochs=30, batch_size=16, learning_rate=0.05):
    losses, order = [], rng.permutation(x.shape[1])
    for _ in range(epochs):
        found = []
        for k in range(0, x.shape[1], batch_size):
            i = order[k : k + batch_size]
            found.append(network.forward(x[:, i], target[:, i])[1])
            network.backward()
            sgd_step(network.get_parameters(), network.get_gradients(), learning_rate)
        losses.append(np.mean(found))
    return losses


# %% train | wrong | shuffles x and target each by itself
def train(network, x, target, rng, epochs=30, batch_size=16, learning_rate=0.05):
    losses = []
    for _ in range(epochs):
        found = []
        mixed, goal = rng.permutation(x, axis=1), rng.permutation(target, axis=1)
        for k in range(0, x.shape[1], batch_size):
            found.append(network.forward(mixed[:, k : k + batch_size], goal[:, k : k + batch_size])[1])
            network.backward()
            sgd_step(network.get_parameters(), network.get_gradients(), learning_rate)
        losses.append(np.mean(found))
    return losses


# %% train | wrong | drops the last, smaller batch
def train(network, x, target, rng, epochs=30, batch_size=16, learning_rate=0.05):
    losses = []
    for _ in range(epochs):
        order, found = rng.permutation(x.shape[1]), []
        for k in range(x.shape[1] // batch_size):
            i = order[k * batch_size : (k + 1) * batch_size]
            found.append(network.forward(x[:, i], target[:, i])[1])
            network.backward()
            sgd_step(network.get_parameters(), network.get_gradients(), learning_rate)
        losses.append(np.mean(found))
    return losses


# %% train | wrong | one step an epoch
def train(network, x, target, rng, epochs=30, batch_size=16, learning_rate=0.05):
    losses = []
    for _ in range(epochs):
        order = rng.permutation(x.shape[1])
        losses.append(network.forward(x[:, order], target[:, order])[1])
        network.backward()
        sgd_step(network.get_parameters(), network.get_gradients(), learning_rate)
    return losses


# %% train | wrong | draws random batches with repetition
def train(network, x, target, rng, epochs=30, batch_size=16, learning_rate=0.05):
    losses = []
    for _ in range(epochs):
        found = []
        for _ in range(-(-x.shape[1] // batch_size)):
            i = rng.integers(x.shape[1], size=batch_size)
            found.append(network.forward(x[:, i], target[:, i])[1])
            network.backward()
            sgd_step(network.get_parameters(), network.get_gradients(), learning_rate)
        losses.append(np.mean(found))
    return losses


# %% train | wrong | returns the sums of the losses
def train(network, x, target, rng, epochs=30, batch_size=16, learning_rate=0.05):
    losses = []
    for _ in range(epochs):
        order, total = rng.permutation(x.shape[1]), 0.0
        for k in range(0, x.shape[1], batch_size):
            i = order[k : k + batch_size]
            total += network.forward(x[:, i], target[:, i])[1]
            network.backward()
            sgd_step(network.get_parameters(), network.get_gradients(), learning_rate)
        losses.append(total)
    return losses


# %% train | wrong | returns the loss of every batch
def train(network, x, target, rng, epochs=30, batch_size=16, learning_rate=0.05):
    losses = []
    for _ in range(epochs):
        order = rng.permutation(x.shape[1])
        for k in range(0, x.shape[1], batch_size):
            i = order[k : k + batch_size]
            losses.append(network.forward(x[:, i], target[:, i])[1])
            network.backward()
            sgd_step(network.get_parameters(), network.get_gradients(), learning_rate)
    return losses


# %% train | wrong | shuffles the caller's columns
def train(network, x, target, rng, epochs=30, batch_size=16, learning_rate=0.05):
    losses = []
    for _ in range(epochs):
        order, found = rng.permutation(x.shape[1]), []
        x[...], target[...] = x[:, order], target[:, order]
        for k in range(0, x.shape[1], batch_size):
            found.append(network.forward(x[:, k : k + batch_size], target[:, k : k + batch_size])[1])
            network.backward()
            sgd_step(network.get_parameters(), network.get_gradients(), learning_rate)
        losses.append(np.mean(found))
    return losses


# %% train | wrong | forgets to step
def train(network, x, target, rng, epochs=30, batch_size=16, learning_rate=0.05):
    losses = []
    for _ in range(epochs):
        order, found = rng.permutation(x.shape[1]), []
        for k in range(0, x.shape[1], batch_size):
            i = order[k : k + batch_size]
            found.append(network.forward(x[:, i], target[:, i])[1])
            network.backward()
        losses.append(np.mean(found))
    return losses


# %% train | wrong | returns the loss of the last batch of each epoch
def train(network, x, target, rng, epochs=30, batch_size=16, learning_rate=0.05):
    losses = []
    for _ in range(epochs):
        order = rng.permutation(x.shape[1])
        for start in range(0, x.shape[1], batch_size):
            chosen = order[start : start + batch_size]
            loss = network.forward(x[:, chosen], target[:, chosen])[1]
            network.backward()
            sgd_step(network.get_parameters(), network.get_gradients(), learning_rate)
        losses.append(loss)
    return losses


# %% train | wrong | takes rows for examples
def train(network, x, target, rng, epochs=30, batch_size=16, learning_rate=0.05):
    losses = []
    for _ in range(epochs):
        order, batch_losses = rng.permutation(len(x)), []
        for start in range(0, len(x), batch_size):
            chosen = order[start : start + batch_size]
            batch_losses.append(network.forward(x[chosen], target[chosen])[1])
            network.backward()
            sgd_step(network.get_parameters(), network.get_gradients(), learning_rate)
        losses.append(np.mean(batch_losses))
    return losses


# %% train | wrong | draws the order from NumPy's global state
def train(network, x, target, rng, epochs=30, batch_size=16, learning_rate=0.05):
    losses = []
    for _ in range(epochs):
        order, batch_losses = np.random.permutation(x.shape[1]), []
        for start in range(0, x.shape[1], batch_size):
            chosen = order[start : start + batch_size]
            batch_losses.append(network.forward(x[:, chosen], target[:, chosen])[1])
            network.backward()
            sgd_step(network.get_parameters(), network.get_gradients(), learning_rate)
        losses.append(np.mean(batch_losses))
    return losses


# %% train | wrong | steps before it runs backward
def train(network, x, target, rng, epochs=30, batch_size=16, learning_rate=0.05):
    losses = []
    for _ in range(epochs):
        order, batch_losses = rng.permutation(x.shape[1]), []
        for start in range(0, x.shape[1], batch_size):
            chosen = order[start : start + batch_size]
            batch_losses.append(network.forward(x[:, chosen], target[:, chosen])[1])
            if batch_losses[1:]:
                sgd_step(network.get_parameters(), network.get_gradients(), learning_rate)
            network.backward()
        losses.append(np.mean(batch_losses))
    return losses


# %% train | right | np.split, a step of its own, an array of losses
def train(network, x, target, rng, epochs=30, batch_size=16, learning_rate=0.05):
    losses, columns = [], np.arange(x.shape[1])
    while len(losses) < epochs:
        rng.shuffle(columns)
        batch_losses = []
        for chosen in np.split(columns, range(batch_size, len(columns), batch_size)):
            _, loss = network.forward(x[:, chosen], target=target[:, chosen])
            network.backward()
            slopes = network.get_gradients()
            for name, values in network.get_parameters().items():
                values -= learning_rate * slopes[name]
            batch_losses.append(loss)
        losses.append(sum(batch_losses) / len(batch_losses))
    return np.array(losses)


# %% train | wrong | means weighted by the size of the batch
def train(network, x, target, rng, epochs=30, batch_size=16, learning_rate=0.05):
    losses, columns = [], np.arange(x.shape[1])
    while len(losses) < epochs:
        rng.shuffle(columns)
        total = 0.0
        for chosen in np.split(columns, range(batch_size, len(columns), batch_size)):
            _, loss = network.forward(x[:, chosen], target=target[:, chosen])
            network.backward()
            slopes = network.get_gradients()
            for name, values in network.get_parameters().items():
                values -= learning_rate * slopes[name]
            total += loss * len(chosen) / len(columns)
        losses.append(float(total))
    return np.array(losses)


# %% train | right | sorts by random keys, a generator of batches, an array of losses
def batches_of(n, size, rng):
    order = np.argsort(rng.random(n))
    while order.size:
        yield order[:size]
        order = order[size:]


def train(network, x, target, rng, epochs=30, batch_size=16, learning_rate=0.05):
    losses = np.zeros(epochs)
    for epoch in range(epochs):
        seen = []
        for chosen in batches_of(np.shape(x)[1], batch_size, rng):
            prediction, loss = network.forward(np.take(x, chosen, axis=1), np.take(target, chosen, axis=1))
            seen.append(loss)
            network.backward()
            parameters, gradients = network.get_parameters(), network.get_gradients()
            for name in parameters:
                parameters[name][...] = parameters[name] - learning_rate * gradients[name]
        losses[epoch] = sum(seen) / len(seen)
    return losses


# %% value | wrong | = where += belongs
class Value:
    def __init__(self, data, parents=()):
        self.data, self.grad, self.parents = float(data), 0.0, parents

    def _v(self, o):
        return o if isinstance(o, Value) else Value(o)

    def __add__(self, o):
        o = self._v(o)
        return Value(self.data + o.data, ((self, 1.0), (o, 1.0)))

    def __mul__(self, o):
        o = self._v(o)
        return Value(self.data * o.data, ((self, o.data), (o, self.data)))

    def __pow__(self, n):
        return Value(self.data**n, ((self, n * self.data ** (n - 1) if n else 0.0),))

    def __neg__(self):
        return self * -1

    def __sub__(self, o):
        return self + -self._v(o)

    def __truediv__(self, o):
        return self * self._v(o) ** -1

    __radd__, __rmul__ = __add__, __mul__

    def __rsub__(self, o):
        return self._v(o) - self

    def __rtruediv__(self, o):
        return self._v(o) / self

    def exp(self):
        e = np.exp(self.data)
        return Value(e, ((self, e),))

    def tanh(self):
        t = np.tanh(self.data)
        return Value(t, ((self, 1 - t * t),))

    def relu(self):
        return Value(max(self.data, 0.0), ((self, float(self.data > 0)),))

    def backward(self):
        order, seen, stack = [], set(), [(self, False)]
        while stack:
            v, done = stack.pop()
            if done:
                order.append(v)
            elif v not in seen:
                seen.add(v)
                stack += [(v, True), *((p, False) for p, _ in v.parents)]
        self.grad = 1.0
        for v in reversed(order):
            for p, slope in v.parents:
                p.grad = slope * v.grad


# %% value | wrong | breadth first instead of topological order
class Value:
    def __init__(self, data, parents=()):
        self.data, self.grad, self.parents = float(data), 0.0, parents

    def _v(self, o):
        return o if isinstance(o, Value) else Value(o)

    def __add__(self, o):
        o = self._v(o)
        return Value(self.data + o.data, ((self, 1.0), (o, 1.0)))

    def __mul__(self, o):
        o = self._v(o)
        return Value(self.data * o.data, ((self, o.data), (o, self.data)))

    def __pow__(self, n):
        return Value(self.data**n, ((self, n * self.data ** (n - 1) if n else 0.0),))

    def __neg__(self):
        return self * -1

    def __sub__(self, o):
        return self + -self._v(o)

    def __truediv__(self, o):
        return self * self._v(o) ** -1

    __radd__, __rmul__ = __add__, __mul__

    def __rsub__(self, o):
        return self._v(o) - self

    def __rtruediv__(self, o):
        return self._v(o) / self

    def exp(self):
        e = np.exp(self.data)
        return Value(e, ((self, e),))

    def tanh(self):
        t = np.tanh(self.data)
        return Value(t, ((self, 1 - t * t),))

    def relu(self):
        return Value(max(self.data, 0.0), ((self, float(self.data > 0)),))

    def backward(self):
        order = [self]
        seen = {self}
        for v in order:
            for p, _ in v.parents:
                if p not in seen:
                    seen.add(p)
                    order.append(p)
        for v in order:
            if v.parents:
                v.grad = 0.0
        self.grad = 1.0
        for v in order:
            for p, slope in v.parents:
                p.grad += slope * v.grad


# %% value | wrong | parents in the order they are found, depth first
class Value:
    def __init__(self, data, parents=()):
        self.data, self.grad, self.parents = float(data), 0.0, parents

    def _v(self, o):
        return o if isinstance(o, Value) else Value(o)

    def __add__(self, o):
        o = self._v(o)
        return Value(self.data + o.data, ((self, 1.0), (o, 1.0)))

    def __mul__(self, o):
        o = self._v(o)
        return Value(self.data * o.data, ((self, o.data), (o, self.data)))

    def __pow__(self, n):
        return Value(self.data**n, ((self, n * self.data ** (n - 1) if n else 0.0),))

    def __neg__(self):
        return self * -1

    def __sub__(self, o):
        return self + -self._v(o)

    def __truediv__(self, o):
        return self * self._v(o) ** -1

    __radd__, __rmul__ = __add__, __mul__

    def __rsub__(self, o):
        return self._v(o) - self

    def __rtruediv__(self, o):
        return self._v(o) / self

    def exp(self):
        e = np.exp(self.data)
        return Value(e, ((self, e),))

    def tanh(self):
        t = np.tanh(self.data)
        return Value(t, ((self, 1 - t * t),))

    def relu(self):
        return Value(max(self.data, 0.0), ((self, float(self.data > 0)),))

    def backward(self):
        order, seen, stack = [], set(), [self]
        while stack:
            v = stack.pop()
            if v not in seen:
                seen.add(v)
                order.append(v)
                stack += [p for p, _ in v.parents]
        for v in order:
            if v.parents:
                v.grad = 0.0
        self.grad = 1.0
        for v in order:
            for p, slope in v.parents:
                p.grad += slope * v.grad


# %% value | wrong | recursion
class Value:
    def __init__(self, data, parents=()):
        self.data, self.grad, self.parents = float(data), 0.0, parents

    def _v(self, o):
        return o if isinstance(o, Value) else Value(o)

    def __add__(self, o):
        o = self._v(o)
        return Value(self.data + o.data, ((self, 1.0), (o, 1.0)))

    def __mul__(self, o):
        o = self._v(o)
        return Value(self.data * o.data, ((self, o.data), (o, self.data)))

    def __pow__(self, n):
        return Value(self.data**n, ((self, n * self.data ** (n - 1) if n else 0.0),))

    def __neg__(self):
        return self * -1

    def __sub__(self, o):
        return self + -self._v(o)

    def __truediv__(self, o):
        return self * self._v(o) ** -1

    __radd__, __rmul__ = __add__, __mul__

    def __rsub__(self, o):
        return self._v(o) - self

    def __rtruediv__(self, o):
        return self._v(o) / self

    def exp(self):
        e = np.exp(self.data)
        return Value(e, ((self, e),))

    def tanh(self):
        t = np.tanh(self.data)
        return Value(t, ((self, 1 - t * t),))

    def relu(self):
        return Value(max(self.data, 0.0), ((self, float(self.data > 0)),))

    def backward(self):
        order, seen = [], set()

        def visit(v):
            if v not in seen:
                seen.add(v)
                for p, _ in v.parents:
                    visit(p)
                order.append(v)

        visit(self)
        for v in order:
            if v.parents:
                v.grad = 0.0
        self.grad = 1.0
        for v in reversed(order):
            for p, slope in v.parents:
                p.grad += slope * v.grad


# %% value | wrong | each share is passed on as it arrives
class Value:
    def __init__(self, data, parents=()):
        self.data, self.grad, self.parents = float(data), 0.0, parents

    def _v(self, o):
        return o if isinstance(o, Value) else Value(o)

    def __add__(self, o):
        o = self._v(o)
        return Value(self.data + o.data, ((self, 1.0), (o, 1.0)))

    def __mul__(self, o):
        o = self._v(o)
        return Value(self.data * o.data, ((self, o.data), (o, self.data)))

    def __pow__(self, n):
        return Value(self.data**n, ((self, n * self.data ** (n - 1) if n else 0.0),))

    def __neg__(self):
        return self * -1

    def __sub__(self, o):
        return self + -self._v(o)

    def __truediv__(self, o):
        return self * self._v(o) ** -1

    __radd__, __rmul__ = __add__, __mul__

    def __rsub__(self, o):
        return self._v(o) - self

    def __rtruediv__(self, o):
        return self._v(o) / self

    def exp(self):
        e = np.exp(self.data)
        return Value(e, ((self, e),))

    def tanh(self):
        t = np.tanh(self.data)
        return Value(t, ((self, 1 - t * t),))

    def relu(self):
        return Value(max(self.data, 0.0), ((self, float(self.data > 0)),))

    def backward(self):
        self.grad = 1.0
        self.spread()

    def spread(self):
        for p, slope in self.parents:
            p.grad += slope * self.grad
            p.spread()


# %% value | wrong | inner numbers keep their gradient
class Value:
    def __init__(self, data, parents=()):
        self.data, self.grad, self.parents = float(data), 0.0, parents

    def _v(self, o):
        return o if isinstance(o, Value) else Value(o)

    def __add__(self, o):
        o = self._v(o)
        return Value(self.data + o.data, ((self, 1.0), (o, 1.0)))

    def __mul__(self, o):
        o = self._v(o)
        return Value(self.data * o.data, ((self, o.data), (o, self.data)))

    def __pow__(self, n):
        return Value(self.data**n, ((self, n * self.data ** (n - 1) if n else 0.0),))

    def __neg__(self):
        return self * -1

    def __sub__(self, o):
        return self + -self._v(o)

    def __truediv__(self, o):
        return self * self._v(o) ** -1

    __radd__, __rmul__ = __add__, __mul__

    def __rsub__(self, o):
        return self._v(o) - self

    def __rtruediv__(self, o):
        return self._v(o) / self

    def exp(self):
        e = np.exp(self.data)
        return Value(e, ((self, e),))

    def tanh(self):
        t = np.tanh(self.data)
        return Value(t, ((self, 1 - t * t),))

    def relu(self):
        return Value(max(self.data, 0.0), ((self, float(self.data > 0)),))

    def backward(self):
        order, seen, stack = [], set(), [(self, False)]
        while stack:
            v, done = stack.pop()
            if done:
                order.append(v)
            elif v not in seen:
                seen.add(v)
                stack += [(v, True), *((p, False) for p, _ in v.parents)]
        self.grad = 1.0
        for v in reversed(order):
            for p, slope in v.parents:
                p.grad += slope * v.grad


# %% value | wrong | leaves are reset, 2 - v is v - 2, the slope of relu at 0 is 1
class Value:
    def __init__(self, data, parents=()):
        self.data, self.grad, self.parents = float(data), 0.0, parents

    def _v(self, o):
        return o if isinstance(o, Value) else Value(o)

    def __add__(self, o):
        o = self._v(o)
        return Value(self.data + o.data, ((self, 1.0), (o, 1.0)))

    def __mul__(self, o):
        o = self._v(o)
        return Value(self.data * o.data, ((self, o.data), (o, self.data)))

    def __pow__(self, n):
        return Value(self.data**n, ((self, n * self.data ** (n - 1)),))

    def __neg__(self):
        return self * -1

    def __sub__(self, o):
        return self + -self._v(o)

    def __truediv__(self, o):
        return self * self._v(o) ** -1

    __radd__, __rmul__, __rsub__ = __add__, __mul__, __sub__

    def __rtruediv__(self, o):
        return self._v(o) / self

    def exp(self):
        e = np.exp(self.data)
        return Value(e, ((self, e),))

    def tanh(self):
        t = np.tanh(self.data)
        return Value(t, ((self, 1 - t * t),))

    def relu(self):
        return Value(max(self.data, 0.0), ((self, float(self.data >= 0)),))

    def backward(self):
        order, seen, stack = [], set(), [(self, False)]
        while stack:
            v, done = stack.pop()
            if done:
                order.append(v)
            elif v not in seen:
                seen.add(v)
                stack += [(v, True), *((p, False) for p, _ in v.parents)]
        for v in order:
            v.grad = 0.0
        self.grad = 1.0
        for v in reversed(order):
            for p, slope in v.parents:
                p.grad += slope * v.grad


# %% value | right | closures, and the order of creation
class Value:
    count = 0

    def __init__(self, data, parents=(), push=None):
        self.data, self.grad = float(data), 0.0
        self.parents, self.push = parents, push
        Value.count += 1
        self.number = Value.count

    @staticmethod
    def of(thing):
        return thing if isinstance(thing, Value) else Value(thing)

    def __add__(self, other):
        other = Value.of(other)

        def push(g):
            self.grad += g
            other.grad += g

        return Value(self.data + other.data, (self, other), push)

    def __mul__(self, other):
        other = Value.of(other)

        def push(g):
            self.grad += g * other.data
            other.grad += g * self.data

        return Value(self.data * other.data, (self, other), push)

    def _by(self, data, slope):
        def push(g):
            self.grad += g * slope

        return Value(data, (self,), push)

    def __sub__(self, other):
        other = Value.of(other)

        def push(g):
            self.grad += g
            other.grad -= g

        return Value(self.data - other.data, (self, other), push)

    def __truediv__(self, other):
        other = Value.of(other)

        def push(g):
            self.grad += g / other.data
            other.grad -= g * self.data / other.data**2

        return Value(self.data / other.data, (self, other), push)

    def __radd__(self, other):
        return Value.of(other) + self

    def __rmul__(self, other):
        return Value.of(other) * self

    def __rsub__(self, other):
        return Value.of(other) - self

    def __rtruediv__(self, other):
        return Value.of(other) / self

    def __neg__(self):
        return self._by(-self.data, -1.0)

    def __pow__(self, n):
        if n == 0:
            return self._by(1.0, 0.0)
        return self._by(self.data**n, n * self.data ** (n - 1))

    def exp(self):
        out = float(np.exp(self.data))
        return self._by(out, out)

    def tanh(self):
        return self._by(np.tanh(self.data), 1 / np.cosh(self.data) ** 2)

    def relu(self):
        return self._by(self.data, 1.0) if self.data > 0 else self._by(0.0, 0.0)

    def backward(self):
        reached, waiting = {}, [self]
        while waiting:
            value = waiting.pop()
            if value.number not in reached:
                reached[value.number] = value
                waiting.extend(value.parents)
        newest_first = [reached[number] for number in sorted(reached, reverse=True)]
        for value in newest_first:
            if value.push:
                value.grad = 0.0
        self.grad += 1.0
        for value in newest_first:
            if value.push:
                value.push(value.grad)


# %% value | right | counts the uses of each number
class Value:
    def __init__(self, data, *uses):
        self.data, self.grad, self.uses = float(data), 0.0, uses

    def __repr__(self):
        return f"Value({self.data})"

    def __add__(self, o):
        o = o if isinstance(o, Value) else Value(o)
        return Value(self.data + o.data, (self, 1), (o, 1))

    def __mul__(self, o):
        o = o if isinstance(o, Value) else Value(o)
        return Value(self.data * o.data, (self, o.data), (o, self.data))

    def __pow__(self, n):
        slope = 0.0 if n == 0 else n * self.data ** (n - 1)
        return Value(self.data**n, (self, slope))

    def __neg__(self):
        return -1 * self

    def __sub__(self, o):
        return self + -1 * o

    def __rsub__(self, o):
        return -1 * self + o

    def __truediv__(self, o):
        return self * (o**-1 if isinstance(o, Value) else 1 / o)

    def __rtruediv__(self, o):
        return o * self**-1

    def __radd__(self, o):
        return self + o

    def __rmul__(self, o):
        return self * o

    def exp(self):
        return Value(np.exp(self.data), (self, np.exp(self.data)))

    def tanh(self):
        return Value(np.tanh(self.data), (self, (1 - np.tanh(self.data)) * (1 + np.tanh(self.data))))

    def relu(self):
        return Value(self.data * (self.data > 0), (self, self.data > 0))

    def backward(self):
        missing, found, waiting = {}, set(), [self]
        while waiting:
            value = waiting.pop()
            if id(value) in found:
                continue
            found.add(id(value))
            if value.uses:
                value.grad = 0.0
            for parent, _ in value.uses:
                missing[id(parent)] = missing.get(id(parent), 0) + 1
                waiting.append(parent)
        self.grad += 1
        ready = [self]
        while ready:
            value = ready.pop()
            for parent, slope in value.uses:
                parent.grad += slope * value.grad
                missing[id(parent)] -= 1
                if not missing[id(parent)]:
                    ready.append(parent)


# %% value | right | a tape shared by all numbers, math functions, slots
import math


class Value:
    __slots__ = ("data", "edges", "grad", "number")
    count = 0

    def __init__(self, data, edges=()):
        Value.count += 1
        self.data, self.grad = float(data), 0.0
        self.edges, self.number = list(edges), Value.count

    def __repr__(self):
        return f"Value({self.data})"

    @staticmethod
    def of(x):
        return x if isinstance(x, Value) else Value(x)

    def __add__(self, other):
        other = Value.of(other)
        return Value(self.data + other.data, [(self, 1.0), (other, 1.0)])

    def __mul__(self, other):
        other = Value.of(other)
        return Value(self.data * other.data, [(self, other.data), (other, self.data)])

    def __pow__(self, n):
        return Value(self.data**n, [(self, n * self.data ** (n - 1) if n else 0.0)])

    def __neg__(self):
        return Value(-self.data, [(self, -1.0)])

    def __sub__(self, other):
        return self + (-Value.of(other))

    def __truediv__(self, other):
        other = Value.of(other)
        return Value(
            self.data / other.data,
            [(self, 1 / other.data), (other, -self.data / other.data**2)],
        )

    __radd__, __rmul__ = __add__, __mul__

    def __rsub__(self, number):
        return Value.of(number) - self

    def __rtruediv__(self, number):
        return Value.of(number) / self

    def exp(self):
        out = math.exp(self.data)
        return Value(out, [(self, out)])

    def tanh(self):
        out = math.tanh(self.data)
        return Value(out, [(self, 1 - out * out)])

    def relu(self):
        return Value(self.data * (self.data > 0), [(self, float(self.data > 0))])

    def backward(self):
        import heapq

        found, waiting = {self.number: self}, [-self.number]
        if self.edges:
            self.grad = 0.0
        self.grad += 1.0
        while waiting:  # the latest number first: nothing computed from it can come later
            value = found[-heapq.heappop(waiting)]
            for parent, local in value.edges:
                if parent.number not in found:
                    found[parent.number] = parent
                    heapq.heappush(waiting, -parent.number)
                    if parent.edges:
                        parent.grad = 0.0
                parent.grad += local * value.grad


# %% tensor | wrong | broadcasting is not undone
def unbroadcast(grad, shape):
    return np.asarray(grad)


class Tensor:
    def __init__(self, data, parents=()):
        self.data, self.parents = np.array(data, dtype=float), parents
        self.grad = np.zeros_like(self.data)

    def __add__(self, o):
        o = o if isinstance(o, Tensor) else Tensor(o)
        return Tensor(self.data + o.data, ((self, lambda g: g), (o, lambda g: g)))

    def __mul__(self, o):
        o = o if isinstance(o, Tensor) else Tensor(o)
        return Tensor(self.data * o.data, ((self, lambda g: g * o.data), (o, lambda g: g * self.data)))

    __radd__, __rmul__ = __add__, __mul__

    def __matmul__(self, o):
        return Tensor(
            self.data @ o.data, ((self, lambda g: g @ o.data.T), (o, lambda g: self.data.T @ g))
        )

    def sum(self):
        return Tensor(self.data.sum(), ((self, lambda g: g * np.ones_like(self.data)),))

    def relu(self):
        return Tensor(np.maximum(self.data, 0), ((self, lambda g: g * (self.data > 0)),))

    def backward(self):
        if self.data.shape:
            raise ValueError("not a number")
        order, seen, stack = [], set(), [(self, False)]
        while stack:
            t, done = stack.pop()
            if done:
                order.append(t)
            elif t not in seen:
                seen.add(t)
                stack += [(t, True), *((p, False) for p, _ in t.parents)]
        for t in order:
            if t.parents:
                t.grad = np.zeros_like(t.data)
        self.grad = self.grad + 1
        for t in reversed(order):
            for p, pull in t.parents:
                p.grad = p.grad + pull(t.grad)


# %% tensor | wrong | the matrix rule forgets its transposes and starts from any shape
def unbroadcast(grad, shape):
    while grad.ndim > len(shape):
        grad = grad.sum(axis=0)
    for axis, n in enumerate(shape):
        if n == 1:
            grad = grad.sum(axis=axis, keepdims=True)
    return grad


class Tensor:
    def __init__(self, data, parents=()):
        self.data, self.parents = np.array(data, dtype=float), parents
        self.grad = np.zeros_like(self.data)

    def __add__(self, o):
        o = o if isinstance(o, Tensor) else Tensor(o)
        return Tensor(
            self.data + o.data,
            ((self, lambda g: unbroadcast(g, self.data.shape)), (o, lambda g: unbroadcast(g, o.data.shape))),
        )

    def __mul__(self, o):
        o = o if isinstance(o, Tensor) else Tensor(o)
        return Tensor(
            self.data * o.data,
            (
                (self, lambda g: unbroadcast(g * o.data, self.data.shape)),
                (o, lambda g: unbroadcast(g * self.data, o.data.shape)),
            ),
        )

    __radd__, __rmul__ = __add__, __mul__

    def __matmul__(self, o):
        return Tensor(
            self.data @ o.data,
            ((self, lambda g: g @ o.data), (o, lambda g: self.data @ g)),
        )

    def sum(self):
        return Tensor(self.data.sum(), ((self, lambda g: g * np.ones_like(self.data)),))

    def relu(self):
        return Tensor(np.maximum(self.data, 0), ((self, lambda g: g * (self.data > 0)),))

    def backward(self):
        order, seen, stack = [], set(), [(self, False)]
        while stack:
            t, done = stack.pop()
            if done:
                order.append(t)
            elif t not in seen:
                seen.add(t)
                stack += [(t, True), *((p, False) for p, _ in t.parents)]
        for t in order:
            if t.parents:
                t.grad = np.zeros_like(t.data)
        self.grad = self.grad + 1
        for t in reversed(order):
            for p, pull in t.parents:
                p.grad = p.grad + pull(t.grad)


# %% tensor | wrong | unbroadcast drops the axes of length 1
def unbroadcast(grad, shape):
    while grad.ndim > len(shape):
        grad = grad.sum(axis=0)
    for axis in reversed(range(len(shape))):
        if shape[axis] == 1:
            grad = grad.sum(axis=axis)
    return grad


class Tensor:
    def __init__(self, data, parents=()):
        self.data, self.parents = np.array(data, dtype=float), parents
        self.grad = np.zeros_like(self.data)

    def __add__(self, o):
        o = o if isinstance(o, Tensor) else Tensor(o)
        return Tensor(
            self.data + o.data,
            ((self, lambda g: unbroadcast(g, self.data.shape)), (o, lambda g: unbroadcast(g, o.data.shape))),
        )

    def __mul__(self, o):
        o = o if isinstance(o, Tensor) else Tensor(o)
        return Tensor(
            self.data * o.data,
            (
                (self, lambda g: unbroadcast(g * o.data, self.data.shape)),
                (o, lambda g: unbroadcast(g * self.data, o.data.shape)),
            ),
        )

    __radd__, __rmul__ = __add__, __mul__

    def __matmul__(self, o):
        return Tensor(
            self.data @ o.data, ((self, lambda g: g @ o.data.T), (o, lambda g: self.data.T @ g))
        )

    def sum(self):
        return Tensor(self.data.sum(), ((self, lambda g: g * np.ones_like(self.data)),))

    def relu(self):
        return Tensor(np.maximum(self.data, 0), ((self, lambda g: g * (self.data > 0)),))

    def backward(self):
        if self.data.shape:
            raise ValueError("not a number")
        order, seen, stack = [], set(), [(self, False)]
        while stack:
            t, done = stack.pop()
            if done:
                order.append(t)
            elif t not in seen:
                seen.add(t)
                stack += [(t, True), *((p, False) for p, _ in t.parents)]
        for t in order:
            if t.parents:
                t.grad = np.zeros_like(t.data)
        self.grad = self.grad + 1
        for t in reversed(order):
            for p, pull in t.parents:
                p.grad = p.grad + pull(t.grad)


# %% tensor | wrong | recursion, and leaves that start afresh
def unbroadcast(grad, shape):
    while grad.ndim > len(shape):
        grad = grad.sum(axis=0)
    for axis, n in enumerate(shape):
        if n == 1:
            grad = grad.sum(axis=axis, keepdims=True)
    return grad


class Tensor:
    def __init__(self, data, parents=()):
        self.data, self.parents = np.array(data, dtype=float), parents
        self.grad = np.zeros_like(self.data)

    def __add__(self, o):
        o = o if isinstance(o, Tensor) else Tensor(o)
        return Tensor(
            self.data + o.data,
            ((self, lambda g: unbroadcast(g, self.data.shape)), (o, lambda g: unbroadcast(g, o.data.shape))),
        )

    def __mul__(self, o):
        o = o if isinstance(o, Tensor) else Tensor(o)
        return Tensor(
            self.data * o.data,
            (
                (self, lambda g: unbroadcast(g * o.data, self.data.shape)),
                (o, lambda g: unbroadcast(g * self.data, o.data.shape)),
            ),
        )

    __radd__, __rmul__ = __add__, __mul__

    def __matmul__(self, o):
        return Tensor(
            self.data @ o.data, ((self, lambda g: g @ o.data.T), (o, lambda g: self.data.T @ g))
        )

    def sum(self):
        return Tensor(self.data.sum(), ((self, lambda g: g * np.ones_like(self.data)),))

    def relu(self):
        return Tensor(np.maximum(self.data, 0), ((self, lambda g: g * (self.data > 0)),))

    def backward(self):
        if self.data.shape:
            raise ValueError("not a number")
        order, seen = [], set()

        def visit(t):
            if t not in seen:
                seen.add(t)
                for p, _ in t.parents:
                    visit(p)
                order.append(t)

        visit(self)
        for t in order:
            t.grad = np.zeros_like(t.data)
        self.grad = self.grad + 1
        for t in reversed(order):
            for p, pull in t.parents:
                p.grad = p.grad + pull(t.grad)


# %% tensor | wrong | tensors share one gradient array
def unbroadcast(grad, shape):
    while grad.ndim > len(shape):
        grad = grad.sum(axis=0)
    for axis, size in enumerate(shape):
        if size == 1 and grad.shape[axis] > 1:
            grad = grad.sum(axis=axis, keepdims=True)
    return grad


class Tensor:
    def __init__(self, data, parents=()):
        self.data, self.parents = np.array(data, dtype=float), parents
        self.grad, self.fresh = np.zeros(self.data.shape), True

    def __add__(self, other):
        other = other if isinstance(other, Tensor) else Tensor(other)
        return Tensor(self.data + other.data, (
            (self, lambda g: unbroadcast(g, self.data.shape)),
            (other, lambda g: unbroadcast(g, other.data.shape))))  # fmt: skip

    def __mul__(self, other):
        other = other if isinstance(other, Tensor) else Tensor(other)
        return Tensor(self.data * other.data, (
            (self, lambda g: unbroadcast(g * other.data, self.data.shape)),
            (other, lambda g: unbroadcast(g * self.data, other.data.shape))))  # fmt: skip

    def __matmul__(self, other):
        return Tensor(self.data @ other.data, (
            (self, lambda g: g @ other.data.T), (other, lambda g: self.data.T @ g)))  # fmt: skip

    __radd__, __rmul__ = __add__, __mul__

    def sum(self):
        return Tensor(self.data.sum(), ((self, lambda g: g * np.ones(self.data.shape)),))

    def relu(self):
        return Tensor(np.maximum(0, self.data), ((self, lambda g: g * (self.data > 0)),))

    def backward(self):
        if self.data.shape != ():
            raise ValueError("not a single number")
        order, seen, stack = [], set(), [(self, False)]
        while stack:
            t, done = stack.pop()
            if done:
                order.append(t)
            elif t not in seen:
                seen.add(t)
                stack.append((t, True))
                stack += [(parent, False) for parent, _ in t.parents]
        for t in order:
            if t.parents:
                t.grad, t.fresh = np.zeros(t.data.shape), True
        self.grad = self.grad + 1.0
        for t in reversed(order):
            for parent, pull in t.parents:
                if parent.fresh:  # takes the array over, which may be another tensor's too
                    parent.grad, parent.fresh = pull(t.grad), False
                else:
                    parent.grad += pull(t.grad)


# %% tensor | right | closures that add in place, reshape in unbroadcast
def unbroadcast(grad, shape):
    grad = np.asarray(grad)
    padded = (1,) * (grad.ndim - len(shape)) + tuple(shape)
    stretched = tuple(k for k, n in enumerate(padded) if n == 1 and grad.shape[k] != 1)
    return grad.sum(axis=stretched).reshape(shape)


class Tensor:
    def __init__(self, data, sources=(), push=lambda g: None):
        self.data = np.asarray(data, dtype=np.float64)
        self.grad = np.zeros(self.data.shape)
        self.sources, self.push = sources, push

    def _collect(self, g):
        self.grad += unbroadcast(g, self.data.shape)

    def __add__(self, other):
        other = other if isinstance(other, Tensor) else Tensor(other)

        def push(g):
            self._collect(g)
            other._collect(g)

        return Tensor(self.data + other.data, (self, other), push)

    def __mul__(self, other):
        other = other if isinstance(other, Tensor) else Tensor(other)

        def push(g):
            self._collect(g * other.data)
            other._collect(g * self.data)

        return Tensor(self.data * other.data, (self, other), push)

    def __radd__(self, other):
        return Tensor(other) + self

    def __rmul__(self, other):
        return Tensor(other) * self

    def __matmul__(self, other):
        def push(g):
            self._collect(np.einsum("ik,jk->ij", g, other.data))
            other._collect(np.einsum("ij,ik->jk", self.data, g))

        return Tensor(self.data @ other.data, (self, other), push)

    def sum(self):
        return Tensor(
            np.sum(self.data), (self,), lambda g: self._collect(np.full(self.data.shape, float(g)))
        )

    def relu(self):
        return Tensor(
            np.maximum(self.data, 0.0), (self,), lambda g: self._collect(g * (self.data > 0))
        )

    def backward(self):
        if self.data.ndim:
            raise ValueError("start from a number")
        order, done, stack = [], set(), [self]
        while stack:
            top = stack[-1]
            open_ones = [s for s in top.sources if id(s) not in done]
            if open_ones:
                stack.append(open_ones[0])
                continue
            stack.pop()
            if id(top) not in done:
                done.add(id(top))
                order.append(top)
        for tensor in order:
            if tensor.sources:
                tensor.grad = np.zeros(tensor.data.shape)
        self.grad += 1.0
        for tensor in order[::-1]:
            tensor.push(tensor.grad)


# %% passes-needed | wrong | refuses every mode
def passes_needed(n_inputs, n_outputs, mode):
    raise ValueError("no such mode")


# %% passes-needed | wrong | forward and reverse are swapped
def passes_needed(n_inputs, n_outputs, mode):
    if mode not in ("forward", "reverse"):
        raise ValueError(mode)
    return n_outputs if mode == "forward" else n_inputs


# %% passes-needed | wrong | takes the cheaper one
def passes_needed(n_inputs, n_outputs, mode):
    if mode not in ("forward", "reverse"):
        raise ValueError(mode)
    return min(n_inputs, n_outputs)


# %% passes-needed | wrong | any other mode counts as reverse
def passes_needed(n_inputs, n_outputs, mode):
    return n_inputs if mode == "forward" else n_outputs


# %% passes-needed | wrong | counts the entries of the Jacobian
def passes_needed(n_inputs, n_outputs, mode):
    if mode not in ("forward", "reverse"):
        raise ValueError(mode)
    return n_inputs * n_outputs


# %% passes-needed | wrong | returns None for other modes
def passes_needed(n_inputs, n_outputs, mode):
    if mode == "forward":
        return n_inputs
    if mode == "reverse":
        return n_outputs


# %% passes-needed | right | a dict
def passes_needed(n_inputs, n_outputs, mode):
    passes = {"forward": n_inputs, "reverse": n_outputs}
    if mode not in passes:
        raise ValueError(f"unknown mode {mode}")
    return passes[mode]


# %% divided-hunt | wrong | divides in the layer and not in the loss's gradient, twice as before
def mean_loss_gradient(W, x, target):
    return (W @ x - target) @ x.T / x.shape[1] ** 2


def counterexample_1():
    return np.ones((1, 2)), np.ones((2, 3)), np.zeros((1, 3))


# %% divided-hunt | wrong | divides by the number of outputs too
def mean_loss_gradient(W, x, target):
    return (W @ x - target) @ x.T / target.size


def counterexample_1():
    return np.ones((1, 2)), np.ones((2, 3)), np.zeros((1, 3))


# %% divided-hunt | wrong | does not divide at all
def mean_loss_gradient(W, x, target):
    return (W @ x - target) @ x.T


def counterexample_1():
    return np.ones((1, 2)), np.ones((2, 3)), np.zeros((1, 3))


# %% divided-hunt | wrong | a counterexample with one example
def mean_loss_gradient(W, x, target):
    return (W @ x - target) @ x.T / x.shape[1]


def counterexample_1():
    return np.ones((2, 2)), np.ones((2, 1)), np.zeros((2, 1))


# %% divided-hunt | wrong | a counterexample without any error
def mean_loss_gradient(W, x, target):
    return (W @ x - target) @ x.T / x.shape[1]


def counterexample_1():
    return np.ones((1, 2)), np.ones((2, 3)), np.full((1, 3), 2.0)


# %% divided-hunt | right | a loop over the examples
def mean_loss_gradient(W, x, target):
    parts = [np.outer(W @ a - t, a) for a, t in zip(x.T, target.T)]
    return np.mean(parts, axis=0)


def counterexample_1():
    rng = np.random.default_rng(3)
    return tuple(rng.standard_normal(shape) for shape in ((2, 3), (3, 4), (2, 4)))


# %% divided-hunt | right | by the trace of a product, a list as counterexample
def mean_loss_gradient(W, x, target):
    W, x, target = (np.asarray(array, dtype=float) for array in (W, x, target))
    return np.einsum("ob,ib->oi", W @ x - target, x) / np.size(x, axis=1)


def counterexample_1():
    return [[1.0, 2.0]], [[1.0, 0.0, 1.0], [0.0, 1.0, 1.0]], [[0.0, 0.0, 0.0]]


# %% disagree-hunt | wrong | mends the gradient instead of the loss
def loss_and_gradient(prediction, target):
    diff = prediction - target
    return 0.5 * np.mean(diff**2), diff / diff.size


def counterexample_2():
    return np.ones((2, 3)), np.zeros((2, 3))


# %% disagree-hunt | wrong | divides by the outputs
def loss_and_gradient(prediction, target):
    diff = prediction - target
    return 0.5 * np.sum(diff**2) / diff.shape[0], diff / diff.shape[1]


def counterexample_2():
    return np.ones((2, 3)), np.zeros((2, 3))


# %% disagree-hunt | wrong | a counterexample where both are zero
def loss_and_gradient(prediction, target):
    diff = prediction - target
    return 0.5 * np.sum(diff**2) / diff.shape[1], diff / diff.shape[1]


def counterexample_2():
    return np.ones((2, 3)), np.ones((2, 3))


# %% disagree-hunt | wrong | the mean over the outputs too, in both
def loss_and_gradient(prediction, target):
    diff = prediction - target
    return 0.5 * np.mean(diff**2), diff / diff.size


def counterexample_2():
    return np.ones((2, 3)), np.zeros((2, 3))


# %% disagree-hunt | right | one example, three outputs
def loss_and_gradient(prediction, target):
    diff = prediction - target
    return 0.5 * np.mean(np.sum(diff**2, axis=0)), diff / diff.shape[1]


def counterexample_2():
    return np.array([[1.0], [2.0], [3.0]]), np.array([[0.0], [0.0], [1.0]])


# %% forgets-hunt | wrong | remembers the buffer's transpose, which is still the buffer
def collected_gradient(batches, grad_outputs):
    buffer, remembered = np.empty_like(batches[0]), []
    for x in batches:
        buffer[...] = x
        remembered.append(buffer.T)
    return sum(g @ x for g, x in zip(grad_outputs, remembered))


def counterexample_3():
    return [np.ones((2, 1)), np.zeros((2, 1))], [np.ones((1, 1)), np.ones((1, 1))]


# %% forgets-hunt | wrong | the same batch twice proves nothing
def collected_gradient(batches, grad_outputs):
    return sum(g @ x.T for g, x in zip(grad_outputs, batches))


def counterexample_3():
    return [np.ones((2, 1)), np.ones((2, 1))], [np.ones((1, 1)), np.ones((1, 1))]


# %% forgets-hunt | wrong | uses the first batch for all
def collected_gradient(batches, grad_outputs):
    return sum(g @ batches[0].T for g in grad_outputs)


def counterexample_3():
    return [np.ones((2, 1)), np.zeros((2, 1))], [np.ones((1, 1)), np.ones((1, 1))]


# %% forgets-hunt | right | copies the buffer
def collected_gradient(batches, grad_outputs):
    buffer, remembered = np.empty_like(batches[0]), []
    for x in batches:
        buffer[...] = x
        remembered.append(buffer.copy())
    return sum(g @ x.T for g, x in zip(grad_outputs, remembered))


def counterexample_3():
    return ([np.array([[1.0, 2.0]]), np.array([[3.0, 4.0]])], [np.ones((1, 2)), np.ones((1, 2))])


# %% last-use-hunt | wrong | adds up only one side
def product_gradient(program, inputs):
    numbers = [float(x) for x in inputs]
    for i, j in program:
        numbers.append(numbers[i] * numbers[j])
    grads = [0.0] * (len(numbers) - 1) + [1.0]
    for k in reversed(range(len(program))):
        i, j = program[k]
        upstream = grads[len(inputs) + k]
        grads[i] = upstream * numbers[j]
        grads[j] += upstream * numbers[i]
    return grads[: len(inputs)]


def counterexample_4():
    return [(0, 0)], [3.0]


# %% last-use-hunt | wrong | doubles squares and nothing else
def product_gradient(program, inputs):
    numbers = [float(x) for x in inputs]
    for i, j in program:
        numbers.append(numbers[i] * numbers[j])
    grads = [0.0] * (len(numbers) - 1) + [1.0]
    for k in reversed(range(len(program))):
        i, j = program[k]
        upstream = grads[len(inputs) + k]
        grads[i] = upstream * numbers[j] * (2 if i == j else 1)
        if i != j:
            grads[j] = upstream * numbers[i]
    return grads[: len(inputs)]


def counterexample_4():
    return [(0, 0)], [3.0]


# %% last-use-hunt | wrong | a program that uses each number once
def product_gradient(program, inputs):
    numbers = [float(x) for x in inputs]
    for i, j in program:
        numbers.append(numbers[i] * numbers[j])
    grads = [0.0] * (len(numbers) - 1) + [1.0]
    for k in reversed(range(len(program))):
        i, j = program[k]
        upstream = grads[len(inputs) + k]
        grads[i] += upstream * numbers[j]
        grads[j] += upstream * numbers[i]
    return grads[: len(inputs)]


def counterexample_4():
    return [(0, 1), (2, 3)], [3.0, 4.0]


# %% last-use-hunt | right | forward mode
def product_gradient(program, inputs):
    slopes = []
    for k in range(len(inputs)):
        numbers = [(float(x), float(i == k)) for i, x in enumerate(inputs)]
        for i, j in program:
            (a, da), (b, db) = numbers[i], numbers[j]
            numbers.append((a * b, da * b + a * db))
        slopes.append(numbers[-1][1])
    return np.array(slopes)


def counterexample_4():
    return ([(0, 1), (2, 0)], [2.0, 3.0])


# %% early-hunt | wrong | depth first is no topological order either
def path_slope(parents):
    grads, waiting = {"y": 1.0}, ["y"]
    while waiting:
        name = waiting.pop()
        for parent, slope in parents.get(name, []):
            if parent not in grads:
                grads[parent] = 0.0
                waiting.append(parent)
            grads[parent] += slope * grads[name]
    return grads.get("x", 0.0)


def counterexample_5():
    return ({"y": [("a", 1.0), ("b", 1.0)], "b": [("a", 3.0)], "a": [("x", 2.0)]},)


# %% early-hunt | wrong | waits for all edges, also for those from names that y does not need
def path_slope(parents):
    missing = {}
    for edges in parents.values():
        for parent, _ in edges:
            missing[parent] = missing.get(parent, 0) + 1
    grads, waiting = {"y": 1.0}, ["y"]
    for name in waiting:
        for parent, slope in parents.get(name, []):
            grads[parent] = grads.get(parent, 0.0) + slope * grads[name]
            missing[parent] -= 1
            if not missing[parent]:
                waiting.append(parent)
    return grads.get("x", 0.0)


def counterexample_5():
    return ({"y": [("a", 1.0), ("b", 1.0)], "b": [("a", 3.0)], "a": [("x", 2.0)]},)


# %% early-hunt | wrong | a graph whose names are all complete in time
def path_slope(parents):
    known = {"x": 1.0}

    def to_x(name):
        if name not in known:
            known[name] = sum(slope * to_x(parent) for parent, slope in parents.get(name, []))
        return known[name]

    return float(to_x("y"))


def counterexample_5():
    return ({"y": [("a", 1.0), ("b", 1.0)], "a": [("x", 2.0)], "b": [("x", 2.0)]},)


# %% early-hunt | wrong | the counterexample is a dict outside a tuple
def path_slope(parents):
    known = {"x": 1.0}

    def to_x(name):
        if name not in known:
            known[name] = sum(slope * to_x(parent) for parent, slope in parents.get(name, []))
        return known[name]

    return float(to_x("y"))


def counterexample_5():
    return {"y": [("a", 1.0), ("b", 1.0)], "b": [("a", 3.0)], "a": [("x", 2.0)]}


# %% early-hunt | right | the sum over all paths, each name's kept
def path_slope(parents):
    known = {"x": 1.0}

    def to_x(name):
        if name not in known:
            known[name] = sum(slope * to_x(parent) for parent, slope in parents.get(name, []))
        return known[name]

    return float(to_x("y"))


def counterexample_5():
    return ({"y": [("b", 1), ("a", 1)], "a": [("b", 1), ("x", 1)], "b": [("x", 2)]},)


# %% early-hunt | right | counts the edges that lead on from y
def path_slope(parents):
    reached = ["y"]
    for name in reached:
        reached += {p for p, _ in parents.get(name, [])} - set(reached)
    missing = dict.fromkeys(reached, 0)
    for name in reached:
        for parent, _ in parents.get(name, []):
            missing[parent] += 1
    grads, ready = dict.fromkeys(reached, 0.0), ["y"]
    grads["y"] = 1.0
    for name in ready:
        for parent, slope in parents.get(name, []):
            grads[parent] += slope * grads[name]
            missing[parent] -= 1
            if not missing[parent]:
                ready.append(parent)
    return grads.get("x", 0.0)


def counterexample_5():
    return ({"y": [("a", 1.0), ("b", 1.0)], "b": [("a", 3.0)], "a": [("x", 2.0)]},)


# %% tensor | right | p.grad += in place with shared array
def unbroadcast(grad, shape):
    while grad.ndim > len(shape):
        grad = grad.sum(axis=0)
    for axis, n in enumerate(shape):
        if n == 1 and grad.shape[axis] > 1:
            grad = grad.sum(axis=axis, keepdims=True)
    return grad


class Tensor:
    __array_ufunc__ = None

    def __init__(self, data, parents=()):
        self.data = np.array(data, dtype=float)
        self.grad = np.zeros(self.data.shape)
        self.parents = parents

    @staticmethod
    def lift(x):
        return x if isinstance(x, Tensor) else Tensor(x)

    def __add__(self, other):
        other = Tensor.lift(other)
        return Tensor(self.data + other.data, (
            (self, lambda g: unbroadcast(g, self.data.shape)),
            (other, lambda g: unbroadcast(g, other.data.shape))))

    def __mul__(self, other):
        other = Tensor.lift(other)
        return Tensor(self.data * other.data, (
            (self, lambda g: unbroadcast(g * other.data, self.data.shape)),
            (other, lambda g: unbroadcast(g * self.data, other.data.shape))))

    def __matmul__(self, other):
        return Tensor(self.data @ other.data, (
            (self, lambda g: g @ other.data.T),
            (other, lambda g: self.data.T @ g)))

    def __radd__(self, number):
        return self + number

    def __rmul__(self, number):
        return self * number

    def sum(self):
        return Tensor(self.data.sum(), ((self, lambda g: g * np.ones(self.data.shape)),))

    def relu(self):
        mask = self.data > 0
        return Tensor(np.maximum(0, self.data), ((self, lambda g: g * mask),))

    def backward(self):
        if self.data.shape != ():
            raise ValueError("backward starts from a single number")
        order, seen, stack = [], set(), [(self, False)]
        while stack:
            v, done = stack.pop()
            if done:
                order.append(v)
            elif id(v) not in seen:
                seen.add(id(v))
                stack.append((v, True))
                for p, _ in v.parents:
                    stack.append((p, False))
        for v in order:
            if v.parents:
                v.grad = np.zeros(v.data.shape)
        self.grad = self.grad + 1.0
        for v in reversed(order):
            for p, pull in v.parents:
                p.grad += pull(v.grad)


# %% value | right | creation counter as topological order
class Value:
    def __init__(self, data, parents=()):
        self.data = data
        self.grad = 0.0
        self.parents = parents
        Value.count = getattr(Value, "count", 0) + 1
        self.number = Value.count

    @staticmethod
    def lift(x):
        return x if isinstance(x, Value) else Value(x)

    def __add__(self, other):
        other = Value.lift(other)
        return Value(self.data + other.data, ((self, 1.0), (other, 1.0)))

    def __mul__(self, other):
        other = Value.lift(other)
        return Value(self.data * other.data, ((self, other.data), (other, self.data)))

    def __pow__(self, exponent):
        slope = 0.0 if exponent == 0 else exponent * self.data ** (exponent - 1)
        return Value(self.data ** exponent, ((self, slope),))

    def __neg__(self):
        return self * -1

    def __sub__(self, other):
        return self + -Value.lift(other)

    def __truediv__(self, other):
        return self * Value.lift(other) ** -1

    def __radd__(self, number):
        return self + number

    def __rmul__(self, number):
        return self * number

    def __rsub__(self, number):
        return Value(number) - self

    def __rtruediv__(self, number):
        return Value(number) / self

    def exp(self):
        e = np.exp(self.data)
        return Value(e, ((self, e),))

    def tanh(self):
        t = np.tanh(self.data)
        return Value(t, ((self, 1 - t * t),))

    def relu(self):
        return Value(max(0, self.data), ((self, 1.0 if self.data > 0 else 0.0),))

    def backward(self):
        order, seen, stack = [], set(), [self]
        while stack:
            v = stack.pop()
            if id(v) in seen:
                continue
            seen.add(id(v))
            order.append(v)
            stack.extend(p for p, _ in v.parents)
        order.sort(key=lambda v: v.number)
        for v in order:
            if v.parents:
                v.grad = 0.0
        self.grad += 1.0
        for v in reversed(order):
            for p, local in v.parents:
                p.grad += local * v.grad


# %% train | right | rng.shuffle of kept order
def train(network, x, target, rng, epochs=30, batch_size=16, learning_rate=0.05):
    losses = []
    order = np.arange(x.shape[1])
    for _ in range(epochs):
        rng.shuffle(order)
        batch_losses = []
        for start in range(0, x.shape[1], batch_size):
            chosen = order[start : start + batch_size]
            _, loss = network.forward(x[:, chosen], target[:, chosen])
            network.backward()
            sgd_step(network.get_parameters(), network.get_gradients(), learning_rate)
            batch_losses.append(loss)
        losses.append(np.mean(batch_losses))
    return losses


# %% linear | right | standard_normal((n_in,n_out)).T
class Linear:
    def __init__(self, n_in, n_out, rng):
        self.W = rng.standard_normal((n_in, n_out)).T * np.sqrt(2 / n_in)
        self.b = np.zeros((n_out, 1))

    def forward(self, x):
        x = np.array(x, dtype=float)
        if x.ndim != 2 or x.shape[0] != self.W.shape[1]:
            raise ValueError("x must be (n_in, B)")
        self.x = x
        return self.W @ x + self.b

    def backward(self, grad_output):
        self.grad_W = grad_output @ self.x.T
        self.grad_b = grad_output.sum(axis=1, keepdims=True)
        return self.W.T @ grad_output


# %% mse-loss | right | MSELoss: norm
class MSELoss:
    def forward(self, prediction, target):
        if np.shape(prediction) != np.shape(target):
            raise ValueError("prediction and target must have one shape")
        self.residual = np.subtract(prediction, target)
        self.count = self.residual.shape[-1]
        return float(np.linalg.norm(self.residual) ** 2 / (2 * self.count))
    def backward(self):
        return np.true_divide(self.residual, self.count)


# %% passes | right | forward_pass: functional with accumulate
def forward_pass(weights, biases, x, activation):
    zs, acts = [], [x]
    for layer in range(len(weights)):
        zs += [weights[layer] @ acts[layer] + biases[layer]]
        acts += [activation(zs[layer])]
    return zs, acts


def backward_pass(weights, zs, activations, grad_output, activation_derivative):
    """Return the gradients of a loss by all weights, all biases and the input.

    Parameters
    ----------
    weights : list of ndarray
        For each layer (n_out, n_in).
    zs, activations : list of ndarray
        What `forward_pass` returned
        they are not changed.
    grad_output : ndarray, shape of the last activation
        The gradient of the loss by the last activation.
    activation_derivative : callable
        Elementwise derivative of the activation, a function of z.

    Returns
    -------
    grad_Ws, grad_bs : list of ndarray
        For each layer, first layer first, summed over the batch
        shapes of weights and biases.
    grad_x : ndarray, shape (n_in, B)
    """
    grad_Ws, grad_bs, grad_a = [], [], grad_output
    for k in reversed(range(len(weights))):
        grad_z = grad_a * activation_derivative(zs[k])
        grad_Ws.insert(0, grad_z @ activations[k].T)
        grad_bs.insert(0, grad_z.sum(axis=1, keepdims=True))
        grad_a = weights[k].T @ grad_z
    return grad_Ws, grad_bs, grad_a


# %% value | right | value: slots and a tape
class Value:
    __slots__ = ("data", "grad", "parents", "__weakref__")
    def __init__(self, data, parents=()):
        self.data, self.grad, self.parents = float(data), 0.0, tuple(parents)
    @staticmethod
    def _of(v): return v if isinstance(v, Value) else Value(v)
    def __add__(self, o):
        o = self._of(o)
        return Value(self.data + o.data, [(self, 1.0), (o, 1.0)])
    def __mul__(self, o):
        o = self._of(o)
        return Value(self.data * o.data, [(self, o.data), (o, self.data)])
    def __pow__(self, n): return Value(self.data ** n, [(self, n * self.data ** (n - 1) if n else 0.0)])
    def __neg__(self): return -1 * self
    def __sub__(self, o): return self + (-self._of(o))
    def __truediv__(self, o):
        o = self._of(o)
        return Value(self.data / o.data, [(self, 1 / o.data), (o, -self.data / o.data**2)])
    __radd__, __rmul__ = __add__, __mul__
    def __rsub__(self, n): return Value(n) - self
    def __rtruediv__(self, n): return Value(n) / self
    def exp(self):
        e = float(np.exp(self.data))
        return Value(e, [(self, e)])
    def tanh(self):
        t = float(np.tanh(self.data))
        return Value(t, [(self, 1 - t * t)])
    def relu(self): return Value(max(self.data, 0.0), [(self, 1.0 if self.data > 0 else 0.0)])
    def backward(self):
        degree, stack, nodes = {}, [self], {id(self): self}
        while stack:
            for p, _ in stack.pop().parents:
                degree[id(p)] = degree.get(id(p), 0) + 1
                if id(p) not in nodes:
                    nodes[id(p)] = p
                    stack.append(p)
        for v in nodes.values():
            if v.parents:
                v.grad = 0.0
        self.grad += 1.0
        ready = [self]
        while ready:
            v = ready.pop()
            for p, s in v.parents:
                p.grad += s * v.grad
                degree[id(p)] -= 1
                if degree[id(p)] == 0:
                    ready.append(p)


# %% graph-gradients | wrong | v1 = 1 local, forgets x3
def graph_gradients(x1, x2, x3):
    v1 = x1 + x2
    g2 = 1.0
    g1 = g2
    return {"v2": g2, "v1": g1, "x3": g2 * v1, "x2": g1, "x1": g1}


# %% passes | wrong | no activation on last layer
def forward_pass(weights, biases, x, activation):
    zs, activations = [], [x]
    for W, b in zip(weights, biases):
        z = W @ activations[-1] + b
        zs.append(z)
        activations.append(z if len(zs) == len(weights) else activation(z))
    return zs, activations


def backward_pass(weights, zs, activations, grad_output, activation_derivative):
    grad_Ws, grad_bs = [], []
    grad_a = grad_output
    for k in reversed(range(len(weights))):
        grad_z = grad_a * activation_derivative(zs[k])
        grad_Ws.insert(0, grad_z @ activations[k].T)
        grad_bs.insert(0, grad_z.sum(axis=1, keepdims=True))
        grad_a = weights[k].T @ grad_z
    return grad_Ws, grad_bs, grad_a


# %% passes | wrong | x missing from activations
def forward_pass(weights, biases, x, activation):
    zs, activations = [], [x]
    for W, b in zip(weights, biases):
        z = W @ activations[-1] + b
        zs.append(z)
        activations.append(activation(z))
    return zs, activations[1:]


def backward_pass(weights, zs, activations, grad_output, activation_derivative):
    grad_Ws, grad_bs = [], []
    grad_a = grad_output
    for k in reversed(range(len(weights))):
        grad_z = grad_a * activation_derivative(zs[k])
        grad_Ws.insert(0, grad_z @ activations[k].T)
        grad_bs.insert(0, grad_z.sum(axis=1, keepdims=True))
        grad_a = weights[k].T @ grad_z
    return grad_Ws, grad_bs, grad_a


# %% passes | wrong | bias axis=0
def forward_pass(weights, biases, x, activation):
    zs, activations = [], [x]
    for W, b in zip(weights, biases):
        z = W @ activations[-1] + b
        zs.append(z)
        activations.append(activation(z))
    return zs, activations


def backward_pass(weights, zs, activations, grad_output, activation_derivative):
    grad_Ws, grad_bs = [], []
    grad_a = grad_output
    for k in reversed(range(len(weights))):
        grad_z = grad_a * activation_derivative(zs[k])
        grad_Ws.insert(0, grad_z @ activations[k].T)
        grad_bs.insert(0, grad_z.sum(axis=0, keepdims=True))
        grad_a = weights[k].T @ grad_z
    return grad_Ws, grad_bs, grad_a


# %% passes | wrong | * instead of @ in forward
def forward_pass(weights, biases, x, activation):
    zs, activations = [], [x]
    for W, b in zip(weights, biases):
        z = W * activations[-1] + b
        zs.append(z)
        activations.append(activation(z))
    return zs, activations


def backward_pass(weights, zs, activations, grad_output, activation_derivative):
    grad_Ws, grad_bs = [], []
    grad_a = grad_output
    for k in reversed(range(len(weights))):
        grad_z = grad_a * activation_derivative(zs[k])
        grad_Ws.insert(0, grad_z @ activations[k].T)
        grad_bs.insert(0, grad_z.sum(axis=1, keepdims=True))
        grad_a = weights[k].T @ grad_z
    return grad_Ws, grad_bs, grad_a


# %% passes | wrong | grad_a not updated
def forward_pass(weights, biases, x, activation):
    zs, activations = [], [x]
    for W, b in zip(weights, biases):
        z = W @ activations[-1] + b
        zs.append(z)
        activations.append(activation(z))
    return zs, activations


def backward_pass(weights, zs, activations, grad_output, activation_derivative):
    grad_Ws, grad_bs = [], []
    grad_a = grad_output
    for k in reversed(range(len(weights))):
        grad_z = grad_a * activation_derivative(zs[k])
        grad_Ws.insert(0, grad_z @ activations[k].T)
        grad_bs.insert(0, grad_z.sum(axis=1, keepdims=True))
    return grad_Ws, grad_bs, grad_a


# %% passes | wrong | returns grad_z (missing W.T for input)
def forward_pass(weights, biases, x, activation):
    zs, activations = [], [x]
    for W, b in zip(weights, biases):
        z = W @ activations[-1] + b
        zs.append(z)
        activations.append(activation(z))
    return zs, activations


def backward_pass(weights, zs, activations, grad_output, activation_derivative):
    grad_Ws, grad_bs = [], []
    grad_a = grad_output
    for k in reversed(range(len(weights))):
        grad_z = grad_a * activation_derivative(zs[k])
        grad_Ws.insert(0, grad_z @ activations[k].T)
        grad_bs.insert(0, grad_z.sum(axis=1, keepdims=True))
        grad_a = weights[k].T @ grad_z
    return grad_Ws, grad_bs, grad_z


# %% passes | wrong | weight transposed missing
def forward_pass(weights, biases, x, activation):
    zs, activations = [], [x]
    for W, b in zip(weights, biases):
        z = W @ activations[-1] + b
        zs.append(z)
        activations.append(activation(z))
    return zs, activations


def backward_pass(weights, zs, activations, grad_output, activation_derivative):
    grad_Ws, grad_bs = [], []
    grad_a = grad_output
    for k in reversed(range(len(weights))):
        grad_z = grad_a * activation_derivative(zs[k])
        grad_Ws.insert(0, grad_z @ activations[k].T)
        grad_bs.insert(0, grad_z.sum(axis=1, keepdims=True))
        grad_a = weights[k] @ grad_z
    return grad_Ws, grad_bs, grad_a


# %% linear | wrong | xavier
class Linear:
    def __init__(self, n_in, n_out, rng):
        self.W = rng.standard_normal((n_out, n_in)) * np.sqrt(1 / n_in)
        self.b = np.zeros((n_out, 1))

    def forward(self, x):
        x = np.array(x, dtype=float)
        if x.ndim != 2 or x.shape[0] != self.W.shape[1]:
            raise ValueError("x must be (n_in, B)")
        self.x = x
        return self.W @ x + self.b

    def backward(self, grad_output):
        self.grad_W = grad_output @ self.x.T
        self.grad_b = grad_output.sum(axis=1, keepdims=True)
        return self.W.T @ grad_output


# %% linear | wrong | np.random.randn instead of rng
class Linear:
    def __init__(self, n_in, n_out, rng):
        self.W = np.random.randn(n_out, n_in) * np.sqrt(2 / n_in)
        self.b = np.zeros((n_out, 1))

    def forward(self, x):
        x = np.array(x, dtype=float)
        if x.ndim != 2 or x.shape[0] != self.W.shape[1]:
            raise ValueError("x must be (n_in, B)")
        self.x = x
        return self.W @ x + self.b

    def backward(self, grad_output):
        self.grad_W = grad_output @ self.x.T
        self.grad_b = grad_output.sum(axis=1, keepdims=True)
        return self.W.T @ grad_output


# %% linear | wrong | accumulates +=
class Linear:
    def __init__(self, n_in, n_out, rng):
        self.W = rng.standard_normal((n_out, n_in)) * np.sqrt(2 / n_in)
        self.b = np.zeros((n_out, 1))
        self.grad_W = np.zeros((n_out, n_in))
        self.grad_b = np.zeros((n_out, 1))

    def forward(self, x):
        x = np.array(x, dtype=float)
        if x.ndim != 2 or x.shape[0] != self.W.shape[1]:
            raise ValueError("x must be (n_in, B)")
        self.x = x
        return self.W @ x + self.b

    def backward(self, grad_output):
        self.grad_W += grad_output @ self.x.T
        self.grad_b += grad_output.sum(axis=1, keepdims=True)
        return self.W.T @ grad_output


# %% relu-layer | wrong | changes x in place
class ReLU:
    def forward(self, x):
        x = np.asarray(x, dtype=float)
        self.mask = x > 0
        x[x < 0] = 0
        return x

    def backward(self, grad_output):
        return grad_output * self.mask


# %% relu-layer | wrong | remembers x itself
class ReLU:
    def forward(self, x):
        x = np.asarray(x, dtype=float)
        self.x = x
        return np.maximum(0, x)

    def backward(self, grad_output):
        return grad_output * (self.x > 0)


# %% relu-layer | wrong | changes grad_output in place
class ReLU:
    def forward(self, x):
        x = np.asarray(x, dtype=float)
        self.mask = x > 0
        return np.maximum(0, x)

    def backward(self, grad_output):
        grad_output[~self.mask] = 0
        return grad_output


# %% mse-loss | wrong | forgot half in loss
class MSELoss:
    def forward(self, prediction, target):
        prediction = np.asarray(prediction, dtype=float)
        target = np.asarray(target, dtype=float)
        if prediction.shape != target.shape:
            raise ValueError("shapes differ")
        self.diff = prediction - target
        return np.sum(self.diff ** 2) / self.diff.shape[1]

    def backward(self):
        return self.diff / self.diff.shape[1]


# %% two-layer-network | wrong | forgets ReLU in forward
class TwoLayerNetwork:
    def __init__(self, input_dim, hidden_dim, output_dim, rng):
        self.layer1 = Linear(input_dim, hidden_dim, rng)
        self.relu = ReLU()
        self.layer2 = Linear(hidden_dim, output_dim, rng)
        self.loss_fn = MSELoss()

    def forward(self, x, target=None):
        p = self.layer2.forward(self.layer1.forward(x))
        if target is None:
            return p
        return p, self.loss_fn.forward(p, target)

    def backward(self):
        g = self.loss_fn.backward()
        g = self.layer2.backward(g)
        g = self.relu.backward(g)
        return self.layer1.backward(g)

    def get_parameters(self):
        return {"W1": self.layer1.W, "b1": self.layer1.b, "W2": self.layer2.W, "b2": self.layer2.b}

    def get_gradients(self):
        return {"W1": self.layer1.grad_W, "b1": self.layer1.grad_b, "W2": self.layer2.grad_W, "b2": self.layer2.grad_b}


# %% two-layer-network | wrong | attributes named differently (fc1)
class TwoLayerNetwork:
    def __init__(self, input_dim, hidden_dim, output_dim, rng):
        self.fc1 = Linear(input_dim, hidden_dim, rng)
        self.relu = ReLU()
        self.fc2 = Linear(hidden_dim, output_dim, rng)
        self.loss_fn = MSELoss()

    def forward(self, x, target=None):
        p = self.fc2.forward(self.relu.forward(self.fc1.forward(x)))
        if target is None:
            return p
        return p, self.loss_fn.forward(p, target)

    def backward(self):
        g = self.loss_fn.backward()
        g = self.fc2.backward(g)
        g = self.relu.backward(g)
        return self.fc1.backward(g)

    def get_parameters(self):
        return {"W1": self.fc1.W, "b1": self.fc1.b, "W2": self.fc2.W, "b2": self.fc2.b}

    def get_gradients(self):
        return {"W1": self.fc1.grad_W, "b1": self.fc1.grad_b, "W2": self.fc2.grad_W, "b2": self.fc2.grad_b}


# %% two-layer-network | wrong | forgot self. before layer1
class TwoLayerNetwork:
    def __init__(self, input_dim, hidden_dim, output_dim, rng):
        self.layer1 = Linear(input_dim, hidden_dim, rng)
        self.relu = ReLU()
        self.layer2 = Linear(hidden_dim, output_dim, rng)
        self.loss_fn = MSELoss()

    def forward(self, x, target=None):
        p = self.layer2.forward(self.relu.forward(layer1.forward(x)))
        if target is None:
            return p
        return p, self.loss_fn.forward(p, target)

    def backward(self):
        g = self.loss_fn.backward()
        g = self.layer2.backward(g)
        g = self.relu.backward(g)
        return self.layer1.backward(g)

    def get_parameters(self):
        return {"W1": self.layer1.W, "b1": self.layer1.b, "W2": self.layer2.W, "b2": self.layer2.b}

    def get_gradients(self):
        return {"W1": self.layer1.grad_W, "b1": self.layer1.grad_b, "W2": self.layer2.grad_W, "b2": self.layer2.grad_b}


# %% step-and-check | wrong | sgd: uphill
def sgd_step(parameters, gradients, learning_rate):
    for name in parameters:
        parameters[name] += learning_rate * gradients[name]


def check_layer(layer, x, grad_output):
    x = np.array(x, dtype=float)
    layer.forward(x)
    claimed = {"x": np.array(layer.backward(grad_output)), "W": layer.grad_W.copy(), "b": layer.grad_b.copy()}
    arrays = {"x": x, "W": layer.W, "b": layer.b}
    h = 1e-5
    errors = {}
    for name, array in arrays.items():
        if np.shape(claimed[name]) != array.shape:
            errors[name] = np.inf
            continue
        measured = np.zeros(array.shape)
        for index in np.ndindex(array.shape):
            before = array[index]
            array[index] = before + h
            up = np.sum(grad_output * layer.forward(x))
            array[index] = before - h
            down = np.sum(grad_output * layer.forward(x))
            array[index] = before
            measured[index] = (up - down) / (2 * h)
        scale = max(np.abs(claimed[name]).max(), np.abs(measured).max())
        errors[name] = 0.0 if scale == 0 else np.abs(claimed[name] - measured).max() / scale
    return errors


# %% step-and-check | wrong | check_layer: forward difference
def sgd_step(parameters, gradients, learning_rate):
    for name in parameters:
        parameters[name] -= learning_rate * gradients[name]


def check_layer(layer, x, grad_output):
    x = np.array(x, dtype=float)
    layer.forward(x)
    claimed = {"x": np.array(layer.backward(grad_output)), "W": layer.grad_W.copy(), "b": layer.grad_b.copy()}
    arrays = {"x": x, "W": layer.W, "b": layer.b}
    h = 1e-5
    errors = {}
    for name, array in arrays.items():
        if np.shape(claimed[name]) != array.shape:
            errors[name] = np.inf
            continue
        measured = np.zeros(array.shape)
        for index in np.ndindex(array.shape):
            before = array[index]
            array[index] = before + h
            up = np.sum(grad_output * layer.forward(x))
            array[index] = before
            down = np.sum(grad_output * layer.forward(x))
            array[index] = before
            measured[index] = (up - down) / h
        scale = max(np.abs(claimed[name]).max(), np.abs(measured).max())
        errors[name] = 0.0 if scale == 0 else np.abs(claimed[name] - measured).max() / scale
    return errors


# %% step-and-check | wrong | check_layer: sum of forward, not weighted
def sgd_step(parameters, gradients, learning_rate):
    for name in parameters:
        parameters[name] -= learning_rate * gradients[name]


def check_layer(layer, x, grad_output):
    x = np.array(x, dtype=float)
    layer.forward(x)
    claimed = {"x": np.array(layer.backward(grad_output)), "W": layer.grad_W.copy(), "b": layer.grad_b.copy()}
    arrays = {"x": x, "W": layer.W, "b": layer.b}
    h = 1e-5
    errors = {}
    for name, array in arrays.items():
        if np.shape(claimed[name]) != array.shape:
            errors[name] = np.inf
            continue
        measured = np.zeros(array.shape)
        for index in np.ndindex(array.shape):
            before = array[index]
            array[index] = before + h
            up = np.sum(layer.forward(x))
            array[index] = before - h
            down = np.sum(layer.forward(x))
            array[index] = before
            measured[index] = (up - down) / (2 * h)
        scale = max(np.abs(claimed[name]).max(), np.abs(measured).max())
        errors[name] = 0.0 if scale == 0 else np.abs(claimed[name] - measured).max() / scale
    return errors


# %% step-and-check | wrong | check_layer: absolute error
def sgd_step(parameters, gradients, learning_rate):
    for name in parameters:
        parameters[name] -= learning_rate * gradients[name]


def check_layer(layer, x, grad_output):
    x = np.array(x, dtype=float)
    layer.forward(x)
    claimed = {"x": np.array(layer.backward(grad_output)), "W": layer.grad_W.copy(), "b": layer.grad_b.copy()}
    arrays = {"x": x, "W": layer.W, "b": layer.b}
    h = 1e-5
    errors = {}
    for name, array in arrays.items():
        if np.shape(claimed[name]) != array.shape:
            errors[name] = np.inf
            continue
        measured = np.zeros(array.shape)
        for index in np.ndindex(array.shape):
            before = array[index]
            array[index] = before + h
            up = np.sum(grad_output * layer.forward(x))
            array[index] = before - h
            down = np.sum(grad_output * layer.forward(x))
            array[index] = before
            measured[index] = (up - down) / (2 * h)
        scale = max(np.abs(claimed[name]).max(), np.abs(measured).max())
        errors[name] = 0.0 if scale == 0 else np.abs(claimed[name] - measured).max()
    return errors


# %% step-and-check | wrong | check_layer: does not restore
def sgd_step(parameters, gradients, learning_rate):
    for name in parameters:
        parameters[name] -= learning_rate * gradients[name]


def check_layer(layer, x, grad_output):
    x = np.array(x, dtype=float)
    layer.forward(x)
    claimed = {"x": np.array(layer.backward(grad_output)), "W": layer.grad_W.copy(), "b": layer.grad_b.copy()}
    arrays = {"x": x, "W": layer.W, "b": layer.b}
    h = 1e-5
    errors = {}
    for name, array in arrays.items():
        if np.shape(claimed[name]) != array.shape:
            errors[name] = np.inf
            continue
        measured = np.zeros(array.shape)
        for index in np.ndindex(array.shape):
            before = array[index]
            array[index] = before + h
            up = np.sum(grad_output * layer.forward(x))
            array[index] = before - h
            down = np.sum(grad_output * layer.forward(x))
            measured[index] = (up - down) / (2 * h)
        scale = max(np.abs(claimed[name]).max(), np.abs(measured).max())
        errors[name] = 0.0 if scale == 0 else np.abs(claimed[name] - measured).max() / scale
    return errors


# %% step-and-check | wrong | check_layer: restores by += h (rounding)
def sgd_step(parameters, gradients, learning_rate):
    for name in parameters:
        parameters[name] -= learning_rate * gradients[name]


def check_layer(layer, x, grad_output):
    x = np.array(x, dtype=float)
    layer.forward(x)
    claimed = {"x": np.array(layer.backward(grad_output)), "W": layer.grad_W.copy(), "b": layer.grad_b.copy()}
    arrays = {"x": x, "W": layer.W, "b": layer.b}
    h = 1e-5
    errors = {}
    for name, array in arrays.items():
        if np.shape(claimed[name]) != array.shape:
            errors[name] = np.inf
            continue
        measured = np.zeros(array.shape)
        for index in np.ndindex(array.shape):
            array[index]
            array[index] += h
            up = np.sum(grad_output * layer.forward(x))
            array[index] -= 2 * h
            down = np.sum(grad_output * layer.forward(x))
            array[index] += h
            measured[index] = (up - down) / (2 * h)
        scale = max(np.abs(claimed[name]).max(), np.abs(measured).max())
        errors[name] = 0.0 if scale == 0 else np.abs(claimed[name] - measured).max() / scale
    return errors


# %% step-and-check | wrong | check_layer: uses caller x without copy
def sgd_step(parameters, gradients, learning_rate):
    for name in parameters:
        parameters[name] -= learning_rate * gradients[name]


def check_layer(layer, x, grad_output):
    layer.forward(x)
    claimed = {"x": np.array(layer.backward(grad_output)), "W": layer.grad_W.copy(), "b": layer.grad_b.copy()}
    arrays = {"x": x, "W": layer.W, "b": layer.b}
    h = 1e-5
    errors = {}
    for name, array in arrays.items():
        if np.shape(claimed[name]) != array.shape:
            errors[name] = np.inf
            continue
        measured = np.zeros(array.shape)
        for index in np.ndindex(array.shape):
            before = array[index]
            array[index] = before + h
            up = np.sum(grad_output * layer.forward(x))
            array[index] = before - h
            down = np.sum(grad_output * layer.forward(x))
            array[index] = before
            measured[index] = (up - down) / (2 * h)
        scale = max(np.abs(claimed[name]).max(), np.abs(measured).max())
        errors[name] = 0.0 if scale == 0 else np.abs(claimed[name] - measured).max() / scale
    return errors


# %% step-and-check | wrong | check_layer: shape not compared
def sgd_step(parameters, gradients, learning_rate):
    for name in parameters:
        parameters[name] -= learning_rate * gradients[name]


def check_layer(layer, x, grad_output):
    x = np.array(x, dtype=float)
    layer.forward(x)
    claimed = {"x": np.array(layer.backward(grad_output)), "W": layer.grad_W.copy(), "b": layer.grad_b.copy()}
    arrays = {"x": x, "W": layer.W, "b": layer.b}
    h = 1e-5
    errors = {}
    for name, array in arrays.items():
        measured = np.zeros(array.shape)
        for index in np.ndindex(array.shape):
            before = array[index]
            array[index] = before + h
            up = np.sum(grad_output * layer.forward(x))
            array[index] = before - h
            down = np.sum(grad_output * layer.forward(x))
            array[index] = before
            measured[index] = (up - down) / (2 * h)
        scale = max(np.abs(claimed[name]).max(), np.abs(measured).max())
        errors[name] = 0.0 if scale == 0 else np.abs(claimed[name] - measured).max() / scale
    return errors


# %% step-and-check | wrong | check_layer: scale 0 not handled (nan)
def sgd_step(parameters, gradients, learning_rate):
    for name in parameters:
        parameters[name] -= learning_rate * gradients[name]


def check_layer(layer, x, grad_output):
    x = np.array(x, dtype=float)
    layer.forward(x)
    claimed = {"x": np.array(layer.backward(grad_output)), "W": layer.grad_W.copy(), "b": layer.grad_b.copy()}
    arrays = {"x": x, "W": layer.W, "b": layer.b}
    h = 1e-5
    errors = {}
    for name, array in arrays.items():
        if np.shape(claimed[name]) != array.shape:
            errors[name] = np.inf
            continue
        measured = np.zeros(array.shape)
        for index in np.ndindex(array.shape):
            before = array[index]
            array[index] = before + h
            up = np.sum(grad_output * layer.forward(x))
            array[index] = before - h
            down = np.sum(grad_output * layer.forward(x))
            array[index] = before
            measured[index] = (up - down) / (2 * h)
        scale = max(np.abs(claimed[name]).max(), np.abs(measured).max())
        errors[name] = np.abs(claimed[name] - measured).max() / scale
    return errors


# %% train | wrong | no shuffle: arange order
def train(network, x, target, rng, epochs=30, batch_size=16, learning_rate=0.05):
    losses = []
    for _ in range(epochs):
        order = np.arange(x.shape[1])
        batch_losses = []
        for start in range(0, x.shape[1], batch_size):
            chosen = order[start : start + batch_size]
            _, loss = network.forward(x[:, chosen], target[:, chosen])
            network.backward()
            sgd_step(network.get_parameters(), network.get_gradients(), learning_rate)
            batch_losses.append(loss)
        losses.append(np.mean(batch_losses))
    return losses


# %% train | wrong | permutation once outside loop
def train(network, x, target, rng, epochs=30, batch_size=16, learning_rate=0.05):
    losses = []
    order = rng.permutation(x.shape[1])
    for _ in range(epochs):
        batch_losses = []
        for start in range(0, x.shape[1], batch_size):
            chosen = order[start : start + batch_size]
            _, loss = network.forward(x[:, chosen], target[:, chosen])
            network.backward()
            sgd_step(network.get_parameters(), network.get_gradients(), learning_rate)
            batch_losses.append(loss)
        losses.append(np.mean(batch_losses))
    return losses


# %% train | wrong | no sgd step
def train(network, x, target, rng, epochs=30, batch_size=16, learning_rate=0.05):
    losses = []
    for _ in range(epochs):
        order = rng.permutation(x.shape[1])
        batch_losses = []
        for start in range(0, x.shape[1], batch_size):
            chosen = order[start : start + batch_size]
            _, loss = network.forward(x[:, chosen], target[:, chosen])
            network.backward()
            batch_losses.append(loss)
        losses.append(np.mean(batch_losses))
    return losses


# %% train | wrong | random choice with replacement
def train(network, x, target, rng, epochs=30, batch_size=16, learning_rate=0.05):
    losses = []
    for _ in range(epochs):
        rng.permutation(x.shape[1])
        batch_losses = []
        for start in range(0, x.shape[1], batch_size):
            chosen = rng.integers(0, x.shape[1], batch_size)
            _, loss = network.forward(x[:, chosen], target[:, chosen])
            network.backward()
            sgd_step(network.get_parameters(), network.get_gradients(), learning_rate)
            batch_losses.append(loss)
        losses.append(np.mean(batch_losses))
    return losses


# %% train | wrong | returns all batch losses
def train(network, x, target, rng, epochs=30, batch_size=16, learning_rate=0.05):
    losses = []
    for _ in range(epochs):
        order = rng.permutation(x.shape[1])
        batch_losses = []
        for start in range(0, x.shape[1], batch_size):
            chosen = order[start : start + batch_size]
            _, loss = network.forward(x[:, chosen], target[:, chosen])
            network.backward()
            sgd_step(network.get_parameters(), network.get_gradients(), learning_rate)
            batch_losses.append(loss)
        losses.extend(batch_losses)
    return losses


# %% train | wrong | step before backward
def train(network, x, target, rng, epochs=30, batch_size=16, learning_rate=0.05):
    losses = []
    for _ in range(epochs):
        order = rng.permutation(x.shape[1])
        batch_losses = []
        for start in range(0, x.shape[1], batch_size):
            chosen = order[start : start + batch_size]
            _, loss = network.forward(x[:, chosen], target[:, chosen])
            if hasattr(network, "_done"):
                sgd_step(network.get_parameters(), network.get_gradients(), learning_rate)
            network.backward()
            network._done = True
            batch_losses.append(loss)
        losses.append(np.mean(batch_losses))
    return losses


# %% train | wrong | np.random.permutation
def train(network, x, target, rng, epochs=30, batch_size=16, learning_rate=0.05):
    losses = []
    for _ in range(epochs):
        order = np.random.permutation(x.shape[1])
        batch_losses = []
        for start in range(0, x.shape[1], batch_size):
            chosen = order[start : start + batch_size]
            _, loss = network.forward(x[:, chosen], target[:, chosen])
            network.backward()
            sgd_step(network.get_parameters(), network.get_gradients(), learning_rate)
            batch_losses.append(loss)
        losses.append(np.mean(batch_losses))
    return losses


# %% value | wrong | breadth first from the result
class Value:
    def __init__(self, data, parents=()):
        self.data = data
        self.grad = 0.0
        self.parents = parents

    @staticmethod
    def lift(x):
        return x if isinstance(x, Value) else Value(x)

    def __add__(self, other):
        other = Value.lift(other)
        return Value(self.data + other.data, ((self, 1.0), (other, 1.0)))

    def __mul__(self, other):
        other = Value.lift(other)
        return Value(self.data * other.data, ((self, other.data), (other, self.data)))

    def __pow__(self, exponent):
        slope = 0.0 if exponent == 0 else exponent * self.data ** (exponent - 1)
        return Value(self.data ** exponent, ((self, slope),))

    def __neg__(self):
        return self * -1

    def __sub__(self, other):
        return self + -Value.lift(other)

    def __truediv__(self, other):
        return self * Value.lift(other) ** -1

    def __radd__(self, number):
        return self + number

    def __rmul__(self, number):
        return self * number

    def __rsub__(self, number):
        return Value(number) - self

    def __rtruediv__(self, number):
        return Value(number) / self

    def exp(self):
        e = np.exp(self.data)
        return Value(e, ((self, e),))

    def tanh(self):
        t = np.tanh(self.data)
        return Value(t, ((self, 1 - t * t),))

    def relu(self):
        return Value(max(0, self.data), ((self, 1.0 if self.data > 0 else 0.0),))

    def backward(self):
        order, seen = [self], {id(self)}
        for v in order:
            for p, _ in v.parents:
                if id(p) not in seen:
                    seen.add(id(p))
                    order.append(p)
        order.reverse()
        for v in order:
            if v.parents:
                v.grad = 0.0
        self.grad += 1.0
        for v in reversed(order):
            for p, local in v.parents:
                p.grad += local * v.grad


# %% value | wrong | leaves reset too
class Value:
    def __init__(self, data, parents=()):
        self.data = data
        self.grad = 0.0
        self.parents = parents

    @staticmethod
    def lift(x):
        return x if isinstance(x, Value) else Value(x)

    def __add__(self, other):
        other = Value.lift(other)
        return Value(self.data + other.data, ((self, 1.0), (other, 1.0)))

    def __mul__(self, other):
        other = Value.lift(other)
        return Value(self.data * other.data, ((self, other.data), (other, self.data)))

    def __pow__(self, exponent):
        slope = 0.0 if exponent == 0 else exponent * self.data ** (exponent - 1)
        return Value(self.data ** exponent, ((self, slope),))

    def __neg__(self):
        return self * -1

    def __sub__(self, other):
        return self + -Value.lift(other)

    def __truediv__(self, other):
        return self * Value.lift(other) ** -1

    def __radd__(self, number):
        return self + number

    def __rmul__(self, number):
        return self * number

    def __rsub__(self, number):
        return Value(number) - self

    def __rtruediv__(self, number):
        return Value(number) / self

    def exp(self):
        e = np.exp(self.data)
        return Value(e, ((self, e),))

    def tanh(self):
        t = np.tanh(self.data)
        return Value(t, ((self, 1 - t * t),))

    def relu(self):
        return Value(max(0, self.data), ((self, 1.0 if self.data > 0 else 0.0),))

    def backward(self):
        order, seen, stack = [], set(), [(self, False)]
        while stack:
            v, done = stack.pop()
            if done:
                order.append(v)
            elif id(v) not in seen:
                seen.add(id(v))
                stack.append((v, True))
                for p, _ in v.parents:
                    stack.append((p, False))
        for v in order:
            v.grad = 0.0
        self.grad += 1.0
        for v in reversed(order):
            for p, local in v.parents:
                p.grad += local * v.grad


# %% value | wrong | inner not reset
class Value:
    def __init__(self, data, parents=()):
        self.data = data
        self.grad = 0.0
        self.parents = parents

    @staticmethod
    def lift(x):
        return x if isinstance(x, Value) else Value(x)

    def __add__(self, other):
        other = Value.lift(other)
        return Value(self.data + other.data, ((self, 1.0), (other, 1.0)))

    def __mul__(self, other):
        other = Value.lift(other)
        return Value(self.data * other.data, ((self, other.data), (other, self.data)))

    def __pow__(self, exponent):
        slope = 0.0 if exponent == 0 else exponent * self.data ** (exponent - 1)
        return Value(self.data ** exponent, ((self, slope),))

    def __neg__(self):
        return self * -1

    def __sub__(self, other):
        return self + -Value.lift(other)

    def __truediv__(self, other):
        return self * Value.lift(other) ** -1

    def __radd__(self, number):
        return self + number

    def __rmul__(self, number):
        return self * number

    def __rsub__(self, number):
        return Value(number) - self

    def __rtruediv__(self, number):
        return Value(number) / self

    def exp(self):
        e = np.exp(self.data)
        return Value(e, ((self, e),))

    def tanh(self):
        t = np.tanh(self.data)
        return Value(t, ((self, 1 - t * t),))

    def relu(self):
        return Value(max(0, self.data), ((self, 1.0 if self.data > 0 else 0.0),))

    def backward(self):
        order, seen, stack = [], set(), [(self, False)]
        while stack:
            v, done = stack.pop()
            if done:
                order.append(v)
            elif id(v) not in seen:
                seen.add(id(v))
                stack.append((v, True))
                for p, _ in v.parents:
                    stack.append((p, False))
        self.grad = 1.0
        for v in reversed(order):
            for p, local in v.parents:
                p.grad += local * v.grad


# %% value | wrong | forward order instead of reversed
class Value:
    def __init__(self, data, parents=()):
        self.data = data
        self.grad = 0.0
        self.parents = parents

    @staticmethod
    def lift(x):
        return x if isinstance(x, Value) else Value(x)

    def __add__(self, other):
        other = Value.lift(other)
        return Value(self.data + other.data, ((self, 1.0), (other, 1.0)))

    def __mul__(self, other):
        other = Value.lift(other)
        return Value(self.data * other.data, ((self, other.data), (other, self.data)))

    def __pow__(self, exponent):
        slope = 0.0 if exponent == 0 else exponent * self.data ** (exponent - 1)
        return Value(self.data ** exponent, ((self, slope),))

    def __neg__(self):
        return self * -1

    def __sub__(self, other):
        return self + -Value.lift(other)

    def __truediv__(self, other):
        return self * Value.lift(other) ** -1

    def __radd__(self, number):
        return self + number

    def __rmul__(self, number):
        return self * number

    def __rsub__(self, number):
        return Value(number) - self

    def __rtruediv__(self, number):
        return Value(number) / self

    def exp(self):
        e = np.exp(self.data)
        return Value(e, ((self, e),))

    def tanh(self):
        t = np.tanh(self.data)
        return Value(t, ((self, 1 - t * t),))

    def relu(self):
        return Value(max(0, self.data), ((self, 1.0 if self.data > 0 else 0.0),))

    def backward(self):
        order, seen, stack = [], set(), [(self, False)]
        while stack:
            v, done = stack.pop()
            if done:
                order.append(v)
            elif id(v) not in seen:
                seen.add(id(v))
                stack.append((v, True))
                for p, _ in v.parents:
                    stack.append((p, False))
        for v in order:
            if v.parents:
                v.grad = 0.0
        self.grad += 1.0
        for v in order:
            for p, local in v.parents:
                p.grad += local * v.grad


# %% value | wrong | no zero exponent case
class Value:
    def __init__(self, data, parents=()):
        self.data = data
        self.grad = 0.0
        self.parents = parents

    @staticmethod
    def lift(x):
        return x if isinstance(x, Value) else Value(x)

    def __add__(self, other):
        other = Value.lift(other)
        return Value(self.data + other.data, ((self, 1.0), (other, 1.0)))

    def __mul__(self, other):
        other = Value.lift(other)
        return Value(self.data * other.data, ((self, other.data), (other, self.data)))

    def __pow__(self, exponent):
        slope = exponent * self.data ** (exponent - 1)
        return Value(self.data ** exponent, ((self, slope),))

    def __neg__(self):
        return self * -1

    def __sub__(self, other):
        return self + -Value.lift(other)

    def __truediv__(self, other):
        return self * Value.lift(other) ** -1

    def __radd__(self, number):
        return self + number

    def __rmul__(self, number):
        return self * number

    def __rsub__(self, number):
        return Value(number) - self

    def __rtruediv__(self, number):
        return Value(number) / self

    def exp(self):
        e = np.exp(self.data)
        return Value(e, ((self, e),))

    def tanh(self):
        t = np.tanh(self.data)
        return Value(t, ((self, 1 - t * t),))

    def relu(self):
        return Value(max(0, self.data), ((self, 1.0 if self.data > 0 else 0.0),))

    def backward(self):
        order, seen, stack = [], set(), [(self, False)]
        while stack:
            v, done = stack.pop()
            if done:
                order.append(v)
            elif id(v) not in seen:
                seen.add(id(v))
                stack.append((v, True))
                for p, _ in v.parents:
                    stack.append((p, False))
        for v in order:
            if v.parents:
                v.grad = 0.0
        self.grad += 1.0
        for v in reversed(order):
            for p, local in v.parents:
                p.grad += local * v.grad


# %% value | wrong | relu slope >= 0
class Value:
    def __init__(self, data, parents=()):
        self.data = data
        self.grad = 0.0
        self.parents = parents

    @staticmethod
    def lift(x):
        return x if isinstance(x, Value) else Value(x)

    def __add__(self, other):
        other = Value.lift(other)
        return Value(self.data + other.data, ((self, 1.0), (other, 1.0)))

    def __mul__(self, other):
        other = Value.lift(other)
        return Value(self.data * other.data, ((self, other.data), (other, self.data)))

    def __pow__(self, exponent):
        slope = 0.0 if exponent == 0 else exponent * self.data ** (exponent - 1)
        return Value(self.data ** exponent, ((self, slope),))

    def __neg__(self):
        return self * -1

    def __sub__(self, other):
        return self + -Value.lift(other)

    def __truediv__(self, other):
        return self * Value.lift(other) ** -1

    def __radd__(self, number):
        return self + number

    def __rmul__(self, number):
        return self * number

    def __rsub__(self, number):
        return Value(number) - self

    def __rtruediv__(self, number):
        return Value(number) / self

    def exp(self):
        e = np.exp(self.data)
        return Value(e, ((self, e),))

    def tanh(self):
        t = np.tanh(self.data)
        return Value(t, ((self, 1 - t * t),))

    def relu(self):
        return Value(max(0, self.data), ((self, 1.0 if self.data >= 0 else 0.0),))

    def backward(self):
        order, seen, stack = [], set(), [(self, False)]
        while stack:
            v, done = stack.pop()
            if done:
                order.append(v)
            elif id(v) not in seen:
                seen.add(id(v))
                stack.append((v, True))
                for p, _ in v.parents:
                    stack.append((p, False))
        for v in order:
            if v.parents:
                v.grad = 0.0
        self.grad += 1.0
        for v in reversed(order):
            for p, local in v.parents:
                p.grad += local * v.grad


# %% value | wrong | tanh slope 1 - data**2 (of input)
class Value:
    def __init__(self, data, parents=()):
        self.data = data
        self.grad = 0.0
        self.parents = parents

    @staticmethod
    def lift(x):
        return x if isinstance(x, Value) else Value(x)

    def __add__(self, other):
        other = Value.lift(other)
        return Value(self.data + other.data, ((self, 1.0), (other, 1.0)))

    def __mul__(self, other):
        other = Value.lift(other)
        return Value(self.data * other.data, ((self, other.data), (other, self.data)))

    def __pow__(self, exponent):
        slope = 0.0 if exponent == 0 else exponent * self.data ** (exponent - 1)
        return Value(self.data ** exponent, ((self, slope),))

    def __neg__(self):
        return self * -1

    def __sub__(self, other):
        return self + -Value.lift(other)

    def __truediv__(self, other):
        return self * Value.lift(other) ** -1

    def __radd__(self, number):
        return self + number

    def __rmul__(self, number):
        return self * number

    def __rsub__(self, number):
        return Value(number) - self

    def __rtruediv__(self, number):
        return Value(number) / self

    def exp(self):
        e = np.exp(self.data)
        return Value(e, ((self, e),))

    def tanh(self):
        t = np.tanh(self.data)
        return Value(t, ((self, 1 - self.data ** 2),))

    def relu(self):
        return Value(max(0, self.data), ((self, 1.0 if self.data > 0 else 0.0),))

    def backward(self):
        order, seen, stack = [], set(), [(self, False)]
        while stack:
            v, done = stack.pop()
            if done:
                order.append(v)
            elif id(v) not in seen:
                seen.add(id(v))
                stack.append((v, True))
                for p, _ in v.parents:
                    stack.append((p, False))
        for v in order:
            if v.parents:
                v.grad = 0.0
        self.grad += 1.0
        for v in reversed(order):
            for p, local in v.parents:
                p.grad += local * v.grad


# %% value | wrong | relu returns unless positive: data>1? exp derivative = data
class Value:
    def __init__(self, data, parents=()):
        self.data = data
        self.grad = 0.0
        self.parents = parents

    @staticmethod
    def lift(x):
        return x if isinstance(x, Value) else Value(x)

    def __add__(self, other):
        other = Value.lift(other)
        return Value(self.data + other.data, ((self, 1.0), (other, 1.0)))

    def __mul__(self, other):
        other = Value.lift(other)
        return Value(self.data * other.data, ((self, other.data), (other, self.data)))

    def __pow__(self, exponent):
        slope = 0.0 if exponent == 0 else exponent * self.data ** (exponent - 1)
        return Value(self.data ** exponent, ((self, slope),))

    def __neg__(self):
        return self * -1

    def __sub__(self, other):
        return self + -Value.lift(other)

    def __truediv__(self, other):
        return self * Value.lift(other) ** -1

    def __radd__(self, number):
        return self + number

    def __rmul__(self, number):
        return self * number

    def __rsub__(self, number):
        return Value(number) - self

    def __rtruediv__(self, number):
        return Value(number) / self

    def exp(self):
        e = np.exp(self.data)
        return Value(e, ((self, self.data),))

    def tanh(self):
        t = np.tanh(self.data)
        return Value(t, ((self, 1 - t * t),))

    def relu(self):
        return Value(max(0, self.data), ((self, 1.0 if self.data > 0 else 0.0),))

    def backward(self):
        order, seen, stack = [], set(), [(self, False)]
        while stack:
            v, done = stack.pop()
            if done:
                order.append(v)
            elif id(v) not in seen:
                seen.add(id(v))
                stack.append((v, True))
                for p, _ in v.parents:
                    stack.append((p, False))
        for v in order:
            if v.parents:
                v.grad = 0.0
        self.grad += 1.0
        for v in reversed(order):
            for p, local in v.parents:
                p.grad += local * v.grad


# %% value | wrong | walks every path
class Value:

    def __init__(self, data, parents=()):
        self.data, self.grad = data, 0.0
        self.parents = parents  # pairs (parent, local derivative)

    def __add__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        return Value(self.data + other.data, ((self, 1.0), (other, 1.0)))

    def __mul__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        return Value(self.data * other.data, ((self, other.data), (other, self.data)))

    def __pow__(self, exponent):
        slope = 0.0 if exponent == 0 else exponent * self.data ** (exponent - 1)
        return Value(self.data**exponent, ((self, slope),))

    def __neg__(self):
        return self * -1

    def __sub__(self, other):
        return self + -1 * other

    def __truediv__(self, other):
        return self * other**-1

    def __radd__(self, number):
        return self + number

    def __rmul__(self, number):
        return self * number

    def __rsub__(self, number):
        return -self + number

    def __rtruediv__(self, number):
        return number * self**-1

    def exp(self):
        e = np.exp(self.data)
        return Value(e, ((self, e),))

    def tanh(self):
        t = np.tanh(self.data)
        return Value(t, ((self, 1 - t**2),))

    def relu(self):
        return Value(max(0.0, self.data), ((self, 1.0 if self.data > 0 else 0.0),))

    def backward(self):
        inner = set()
        waiting = [(self, 1.0)]
        while waiting:
            value, share = waiting.pop()
            if value.parents and value not in inner:
                inner.add(value)
                value.grad = 0.0
            value.grad += share
            for parent, slope in value.parents:
                waiting.append((parent, slope * share))


# %% tensor | wrong | matmul grads wrong order
def unbroadcast(grad, shape):
    while grad.ndim > len(shape):
        grad = grad.sum(axis=0)
    for axis, n in enumerate(shape):
        if n == 1 and grad.shape[axis] > 1:
            grad = grad.sum(axis=axis, keepdims=True)
    return grad


class Tensor:
    __array_ufunc__ = None

    def __init__(self, data, parents=()):
        self.data = np.array(data, dtype=float)
        self.grad = np.zeros(self.data.shape)
        self.parents = parents

    @staticmethod
    def lift(x):
        return x if isinstance(x, Tensor) else Tensor(x)

    def __add__(self, other):
        other = Tensor.lift(other)
        return Tensor(self.data + other.data, (
            (self, lambda g: unbroadcast(g, self.data.shape)),
            (other, lambda g: unbroadcast(g, other.data.shape))))

    def __mul__(self, other):
        other = Tensor.lift(other)
        return Tensor(self.data * other.data, (
            (self, lambda g: unbroadcast(g * other.data, self.data.shape)),
            (other, lambda g: unbroadcast(g * self.data, other.data.shape))))

    def __matmul__(self, other):
        return Tensor(self.data @ other.data, (
            (self, lambda g: other.data.T @ g),
            (other, lambda g: self.data.T @ g)))

    def __radd__(self, number):
        return self + number

    def __rmul__(self, number):
        return self * number

    def sum(self):
        return Tensor(self.data.sum(), ((self, lambda g: g * np.ones(self.data.shape)),))

    def relu(self):
        mask = self.data > 0
        return Tensor(np.maximum(0, self.data), ((self, lambda g: g * mask),))

    def backward(self):
        if self.data.shape != ():
            raise ValueError("backward starts from a single number")
        order, seen, stack = [], set(), [(self, False)]
        while stack:
            v, done = stack.pop()
            if done:
                order.append(v)
            elif id(v) not in seen:
                seen.add(id(v))
                stack.append((v, True))
                for p, _ in v.parents:
                    stack.append((p, False))
        for v in order:
            if v.parents:
                v.grad = np.zeros(v.data.shape)
        self.grad = self.grad + 1.0
        for v in reversed(order):
            for p, pull in v.parents:
                p.grad = p.grad + pull(v.grad)


# %% tensor | wrong | leaves reset
def unbroadcast(grad, shape):
    while grad.ndim > len(shape):
        grad = grad.sum(axis=0)
    for axis, n in enumerate(shape):
        if n == 1 and grad.shape[axis] > 1:
            grad = grad.sum(axis=axis, keepdims=True)
    return grad


class Tensor:
    __array_ufunc__ = None

    def __init__(self, data, parents=()):
        self.data = np.array(data, dtype=float)
        self.grad = np.zeros(self.data.shape)
        self.parents = parents

    @staticmethod
    def lift(x):
        return x if isinstance(x, Tensor) else Tensor(x)

    def __add__(self, other):
        other = Tensor.lift(other)
        return Tensor(self.data + other.data, (
            (self, lambda g: unbroadcast(g, self.data.shape)),
            (other, lambda g: unbroadcast(g, other.data.shape))))

    def __mul__(self, other):
        other = Tensor.lift(other)
        return Tensor(self.data * other.data, (
            (self, lambda g: unbroadcast(g * other.data, self.data.shape)),
            (other, lambda g: unbroadcast(g * self.data, other.data.shape))))

    def __matmul__(self, other):
        return Tensor(self.data @ other.data, (
            (self, lambda g: g @ other.data.T),
            (other, lambda g: self.data.T @ g)))

    def __radd__(self, number):
        return self + number

    def __rmul__(self, number):
        return self * number

    def sum(self):
        return Tensor(self.data.sum(), ((self, lambda g: g * np.ones(self.data.shape)),))

    def relu(self):
        mask = self.data > 0
        return Tensor(np.maximum(0, self.data), ((self, lambda g: g * mask),))

    def backward(self):
        if self.data.shape != ():
            raise ValueError("backward starts from a single number")
        order, seen, stack = [], set(), [(self, False)]
        while stack:
            v, done = stack.pop()
            if done:
                order.append(v)
            elif id(v) not in seen:
                seen.add(id(v))
                stack.append((v, True))
                for p, _ in v.parents:
                    stack.append((p, False))
        for v in order:
            if True:
                v.grad = np.zeros(v.data.shape)
        self.grad = self.grad + 1.0
        for v in reversed(order):
            for p, pull in v.parents:
                p.grad = p.grad + pull(v.grad)


# %% divided-hunt | wrong | divides by x.shape[0]
def mean_loss_gradient(W, x, target):
    grad_z = (W @ x - target) / x.shape[0]
    return grad_z @ x.T


def counterexample_1():
    return np.ones((1, 2)), np.ones((2, 2)), np.zeros((1, 2))


# %% disagree-hunt | wrong | mends the gradient instead
def loss_and_gradient(prediction, target):
    diff = prediction - target
    return 0.5 * np.mean(diff**2), diff / diff.size


def counterexample_2():
    return np.ones((2, 3)), np.zeros((2, 3))


# %% disagree-hunt | wrong | forgets half
def loss_and_gradient(prediction, target):
    diff = prediction - target
    return np.sum(diff**2) / diff.shape[1], diff / diff.shape[1]


def counterexample_2():
    return np.ones((2, 3)), np.zeros((2, 3))


# %% last-use-hunt | wrong | only grads[j] +=
def product_gradient(program, inputs):
    numbers = [float(x) for x in inputs]
    for i, j in program:
        numbers.append(numbers[i] * numbers[j])
    grads = [0.0] * (len(numbers) - 1) + [1.0]
    for k in reversed(range(len(program))):
        i, j = program[k]
        upstream = grads[len(inputs) + k]
        grads[i] = upstream * numbers[j]
        grads[j] += upstream * numbers[i]
    return grads[: len(inputs)]


def counterexample_4():
    return [(0, 0)], [2.0]


# %% early-hunt | wrong | sorted names as order
def path_slope(parents):
    grads = {"y": 1.0}
    for name in sorted(parents, reverse=True):
        for parent, slope in parents.get(name, []):
            grads[parent] = grads.get(parent, 0.0) + slope * grads.get(name, 0.0)
    return grads.get("x", 0.0)


def counterexample_5():
    return ({"y": [("a", 1.0), ("b", 1.0)], "b": [("a", 3.0)], "a": [("x", 2.0)]},)


# %% early-hunt | wrong | dict order of parents taken as topological
def path_slope(parents):
    grads = {"y": 1.0}
    for name in parents:
        for parent, slope in parents[name]:
            grads[parent] = grads.get(parent, 0.0) + slope * grads.get(name, 0.0)
    return grads.get("x", 0.0)


def counterexample_5():
    return ({"y": [("a", 1.0), ("b", 1.0)], "b": [("a", 3.0)], "a": [("x", 2.0)]},)


# %% early-hunt | wrong | counts edges from all names, also those y does not depend on
def path_slope(parents):
    waiting_for = {}
    for name in parents:
        for p, _ in parents[name]:
            waiting_for[p] = waiting_for.get(p, 0) + 1
    grads, ready = {"y": 1.0}, ["y"]
    for name in ready:
        for p, s in parents.get(name, []):
            grads[p] = grads.get(p, 0.0) + s * grads[name]
            waiting_for[p] -= 1
            if waiting_for[p] == 0:
                ready.append(p)
    return grads.get("x", 0.0)


def counterexample_5():
    return ({"y": [("a", 1.0), ("b", 1.0)], "b": [("a", 3.0)], "a": [("x", 2.0)]},)


# %% early-hunt | wrong | two sweeps of the given loop (patch)
def path_slope(parents):
    order, waiting = ["y"], ["y"]
    for name in waiting:
        for p, _ in parents.get(name, []):
            if p in order:
                order.remove(p)
            order.append(p)
            if p not in waiting:
                waiting.append(p)
    grads = {"y": 1.0}
    for n in order:
        for p, s in parents.get(n, []):
            grads[p] = grads.get(p, 0.0) + s * grads.get(n, 0.0)
    return grads.get("x", 0.0)


def counterexample_5():
    return ({"y": [("a", 1.0), ("b", 1.0)], "b": [("a", 3.0)], "a": [("x", 2.0)]},)


# %% early-hunt | wrong | walks every path
def path_slope(parents):
    def slope_from(name):
        if name == "x":
            return 1.0
        return sum(slope * slope_from(parent) for parent, slope in parents.get(name, []))

    return float(slope_from("y"))


def counterexample_5():
    return ({"y": [("a", 1.0), ("b", 1.0)], "a": [("x", 2.0)], "b": [("a", 3.0)]},)


# %% early-hunt | wrong | depth first, before all shares are there
def path_slope(parents):
    grads, waiting, seen = {"y": 1.0}, ["y"], {"y"}
    while waiting:
        name = waiting.pop()
        for parent, slope in parents.get(name, []):
            grads[parent] = grads.get(parent, 0.0) + slope * grads[name]
            if parent not in seen:
                seen.add(parent)
                waiting.append(parent)
    return grads.get("x", 0.0)


def counterexample_5():
    return ({"y": [("a", 1.0), ("b", 1.0)], "a": [("x", 2.0)], "b": [("a", 3.0)]},)


# %% step-and-check | wrong | relative entry by entry
def sgd_step(parameters, gradients, learning_rate):
    for name in parameters:
        parameters[name] -= learning_rate * gradients[name]


def check_layer(layer, x, grad_output):
    x = np.array(x, dtype=float)
    layer.forward(x)
    claimed = {"x": np.array(layer.backward(grad_output)), "W": layer.grad_W.copy(), "b": layer.grad_b.copy()}
    arrays = {"x": x, "W": layer.W, "b": layer.b}
    h = 1e-5
    errors = {}
    for name, array in arrays.items():
        if np.shape(claimed[name]) != array.shape:
            errors[name] = np.inf
            continue
        measured = np.zeros(array.shape)
        for index in np.ndindex(array.shape):
            before = array[index]
            array[index] = before + h
            up = np.sum(grad_output * layer.forward(x))
            array[index] = before - h
            down = np.sum(grad_output * layer.forward(x))
            array[index] = before
            measured[index] = (up - down) / (2 * h)
        scale = max(np.abs(claimed[name]).max(), np.abs(measured).max())
        errors[name] = 0.0 if scale == 0 else np.max(np.abs(claimed[name] - measured) / np.maximum(np.maximum(np.abs(claimed[name]), np.abs(measured)), 1e-300))
    return errors


# %% step-and-check | wrong | norm instead of max
def sgd_step(parameters, gradients, learning_rate):
    for name in parameters:
        parameters[name] -= learning_rate * gradients[name]


def check_layer(layer, x, grad_output):
    x = np.array(x, dtype=float)
    layer.forward(x)
    claimed = {"x": np.array(layer.backward(grad_output)), "W": layer.grad_W.copy(), "b": layer.grad_b.copy()}
    arrays = {"x": x, "W": layer.W, "b": layer.b}
    h = 1e-5
    errors = {}
    for name, array in arrays.items():
        if np.shape(claimed[name]) != array.shape:
            errors[name] = np.inf
            continue
        measured = np.zeros(array.shape)
        for index in np.ndindex(array.shape):
            before = array[index]
            array[index] = before + h
            up = np.sum(grad_output * layer.forward(x))
            array[index] = before - h
            down = np.sum(grad_output * layer.forward(x))
            array[index] = before
            measured[index] = (up - down) / (2 * h)
        scale = max(np.linalg.norm(claimed[name]), np.linalg.norm(measured))
        errors[name] = 0.0 if scale == 0 else np.linalg.norm(claimed[name] - measured) / scale
    return errors


# %% tensor | wrong | marks seen at push
def unbroadcast(grad, shape):
    while grad.ndim > len(shape):
        grad = grad.sum(axis=0)
    for axis, n in enumerate(shape):
        if n == 1 and grad.shape[axis] > 1:
            grad = grad.sum(axis=axis, keepdims=True)
    return grad


class Tensor:
    __array_ufunc__ = None

    def __init__(self, data, parents=()):
        self.data = np.array(data, dtype=float)
        self.grad = np.zeros(self.data.shape)
        self.parents = parents

    @staticmethod
    def lift(x):
        return x if isinstance(x, Tensor) else Tensor(x)

    def __add__(self, other):
        other = Tensor.lift(other)
        return Tensor(self.data + other.data, (
            (self, lambda g: unbroadcast(g, self.data.shape)),
            (other, lambda g: unbroadcast(g, other.data.shape))))

    def __mul__(self, other):
        other = Tensor.lift(other)
        return Tensor(self.data * other.data, (
            (self, lambda g: unbroadcast(g * other.data, self.data.shape)),
            (other, lambda g: unbroadcast(g * self.data, other.data.shape))))

    def __matmul__(self, other):
        return Tensor(self.data @ other.data, (
            (self, lambda g: g @ other.data.T),
            (other, lambda g: self.data.T @ g)))

    def __radd__(self, number):
        return self + number

    def __rmul__(self, number):
        return self * number

    def sum(self):
        return Tensor(self.data.sum(), ((self, lambda g: g * np.ones(self.data.shape)),))

    def relu(self):
        mask = self.data > 0
        return Tensor(np.maximum(0, self.data), ((self, lambda g: g * mask),))

    def backward(self):
        if self.data.shape != ():
            raise ValueError("backward starts from a single number")
        order, seen, stack = [], {id(self)}, [(self, False)]
        while stack:
            v, done = stack.pop()
            if done:
                order.append(v)
            else:
                stack.append((v, True))
                for p, _ in v.parents:
                    if id(p) not in seen:
                        seen.add(id(p))
                        stack.append((p, False))
        for v in order:
            if v.parents:
                v.grad = np.zeros(v.data.shape)
        self.grad = self.grad + 1.0
        for v in reversed(order):
            for p, pull in v.parents:
                p.grad = p.grad + pull(v.grad)


# %% graph-gradients | wrong | graph_gradients: x1 for both
def graph_gradients(x1, x2, x3):
    return {"v2": 1.0, "v1": x3, "x1": x3, "x2": x3, "x3": x1 + x1}


# %% linear | wrong | linear: gradients add up over calls
class Linear:
    """A dense layer, z = W x + b, for batches of columns.

    Parameters
    ----------
    n_in, n_out : int
        Entries of an input and of an output.
    rng : numpy.random.Generator
        Draws the weights.

    Attributes
    ----------
    W : ndarray, shape (n_out, n_in)
        Mean 0, variance ``2 / n_in`` (He initialization).
    b : ndarray, shape (n_out, 1)
        Zeros at first.
    grad_W, grad_b : ndarray, shapes of `W` and `b`
        What the latest `backward` found
        each call replaces them.
    """

    def __init__(self, n_in, n_out, rng):
        self.W = rng.standard_normal((n_out, n_in)) * np.sqrt(2.0 / n_in)
        self.b = np.zeros((n_out, 1))

    def forward(self, x):
        """Return ``W @ x + b``, shape (n_out, B), and remember a copy of `x`.

        Raises
        ------
        ValueError
            If `x` has not the shape (n_in, B).
        """
        x = np.array(x, dtype=float)
        if x.ndim != 2 or x.shape[0] != self.W.shape[1]:
            raise ValueError(f"x must have the shape ({self.W.shape[1]}, B), not {x.shape}")
        self.x = x
        return self.W @ x + self.b

    def backward(self, grad_output):
        """Store grad_W and grad_b, summed over the batch; return grad_x, shape (n_in, B)."""
        self.grad_W = grad_output @ self.x.T
        self.grad_b = grad_output.sum(axis=1, keepdims=True)
        return self.W.T @ grad_output


_back = Linear.backward
def _adding(self, grad_output):
    W, b = getattr(self, "grad_W", None), getattr(self, "grad_b", None)
    g = _back(self, grad_output)
    if W is not None:
        self.grad_W, self.grad_b = self.grad_W + W, self.grad_b + b
    return g
Linear.backward = _adding


# %% linear | wrong | linear: copy in float32
class Linear:
    """A dense layer, z = W x + b, for batches of columns.

    Parameters
    ----------
    n_in, n_out : int
        Entries of an input and of an output.
    rng : numpy.random.Generator
        Draws the weights.

    Attributes
    ----------
    W : ndarray, shape (n_out, n_in)
        Mean 0, variance ``2 / n_in`` (He initialization).
    b : ndarray, shape (n_out, 1)
        Zeros at first.
    grad_W, grad_b : ndarray, shapes of `W` and `b`
        What the latest `backward` found
        each call replaces them.
    """

    def __init__(self, n_in, n_out, rng):
        self.W = rng.standard_normal((n_out, n_in)) * np.sqrt(2.0 / n_in)
        self.b = np.zeros((n_out, 1))

    def forward(self, x):
        """Return ``W @ x + b``, shape (n_out, B), and remember a copy of `x`.

        Raises
        ------
        ValueError
            If `x` has not the shape (n_in, B).
        """
        x = np.array(x, dtype=float)
        if x.ndim != 2 or x.shape[0] != self.W.shape[1]:
            raise ValueError(f"x must have the shape ({self.W.shape[1]}, B), not {x.shape}")
        self.x = x
        return self.W @ x + self.b

    def backward(self, grad_output):
        """Store grad_W and grad_b, summed over the batch; return grad_x, shape (n_in, B)."""
        self.grad_W = grad_output @ self.x.T
        self.grad_b = grad_output.sum(axis=1, keepdims=True)
        return self.W.T @ grad_output


_fw = Linear.forward
def _forward(self, x):
    return _fw(self, np.asarray(x).astype(np.float32).astype(float) if np.ndim(x) == 2 else x)
Linear.forward = _forward


# %% linear | wrong | linear: variance 1 / n_in
class Linear:
    """A dense layer, z = W x + b, for batches of columns.

    Parameters
    ----------
    n_in, n_out : int
        Entries of an input and of an output.
    rng : numpy.random.Generator
        Draws the weights.

    Attributes
    ----------
    W : ndarray, shape (n_out, n_in)
        Mean 0, variance ``2 / n_in`` (He initialization).
    b : ndarray, shape (n_out, 1)
        Zeros at first.
    grad_W, grad_b : ndarray, shapes of `W` and `b`
        What the latest `backward` found
        each call replaces them.
    """

    def __init__(self, n_in, n_out, rng):
        self.W = rng.standard_normal((n_out, n_in)) * np.sqrt(2.0 / n_in)
        self.b = np.zeros((n_out, 1))

    def forward(self, x):
        """Return ``W @ x + b``, shape (n_out, B), and remember a copy of `x`.

        Raises
        ------
        ValueError
            If `x` has not the shape (n_in, B).
        """
        x = np.array(x, dtype=float)
        if x.ndim != 2 or x.shape[0] != self.W.shape[1]:
            raise ValueError(f"x must have the shape ({self.W.shape[1]}, B), not {x.shape}")
        self.x = x
        return self.W @ x + self.b

    def backward(self, grad_output):
        """Store grad_W and grad_b, summed over the batch; return grad_x, shape (n_in, B)."""
        self.grad_W = grad_output @ self.x.T
        self.grad_b = grad_output.sum(axis=1, keepdims=True)
        return self.W.T @ grad_output


_init = Linear.__init__
def _start(self, n_in, n_out, rng):
    _init(self, n_in, n_out, rng)
    self.W /= np.sqrt(2)
Linear.__init__ = _start


# %% linear | wrong | linear: small biases
class Linear:
    """A dense layer, z = W x + b, for batches of columns.

    Parameters
    ----------
    n_in, n_out : int
        Entries of an input and of an output.
    rng : numpy.random.Generator
        Draws the weights.

    Attributes
    ----------
    W : ndarray, shape (n_out, n_in)
        Mean 0, variance ``2 / n_in`` (He initialization).
    b : ndarray, shape (n_out, 1)
        Zeros at first.
    grad_W, grad_b : ndarray, shapes of `W` and `b`
        What the latest `backward` found
        each call replaces them.
    """

    def __init__(self, n_in, n_out, rng):
        self.W = rng.standard_normal((n_out, n_in)) * np.sqrt(2.0 / n_in)
        self.b = np.zeros((n_out, 1))

    def forward(self, x):
        """Return ``W @ x + b``, shape (n_out, B), and remember a copy of `x`.

        Raises
        ------
        ValueError
            If `x` has not the shape (n_in, B).
        """
        x = np.array(x, dtype=float)
        if x.ndim != 2 or x.shape[0] != self.W.shape[1]:
            raise ValueError(f"x must have the shape ({self.W.shape[1]}, B), not {x.shape}")
        self.x = x
        return self.W @ x + self.b

    def backward(self, grad_output):
        """Store grad_W and grad_b, summed over the batch; return grad_x, shape (n_in, B)."""
        self.grad_W = grad_output @ self.x.T
        self.grad_b = grad_output.sum(axis=1, keepdims=True)
        return self.W.T @ grad_output


_init = Linear.__init__
def _start(self, n_in, n_out, rng):
    _init(self, n_in, n_out, rng)
    self.b = self.b + 0.01
Linear.__init__ = _start


# %% linear | wrong | all layers share one array of biases
BIASES = {}
class Linear:

    def __init__(self, n_in, n_out, rng):
        self.W = rng.standard_normal((n_out, n_in)) * np.sqrt(2.0 / n_in)
        self.b = BIASES.setdefault(n_out, np.zeros((n_out, 1)))

    def forward(self, x):
        x = np.array(x, dtype=float)
        if x.ndim != 2 or x.shape[0] != self.W.shape[1]:
            raise ValueError(f"x must have the shape ({self.W.shape[1]}, B), not {x.shape}")
        self.x = x
        return self.W @ x + self.b

    def backward(self, grad_output):
        self.grad_W = grad_output @ self.x.T
        self.grad_b = grad_output.sum(axis=1, keepdims=True)
        return self.W.T @ grad_output


# %% linear | wrong | the class keeps the weights
class Linear:

    def __init__(self, n_in, n_out, rng):
        Linear.W = rng.standard_normal((n_out, n_in)) * np.sqrt(2.0 / n_in)
        self.b = np.zeros((n_out, 1))

    def forward(self, x):
        x = np.array(x, dtype=float)
        if x.ndim != 2 or x.shape[0] != self.W.shape[1]:
            raise ValueError(f"x must have the shape ({self.W.shape[1]}, B), not {x.shape}")
        self.x = x
        return self.W @ x + self.b

    def backward(self, grad_output):
        self.grad_W = grad_output @ self.x.T
        self.grad_b = grad_output.sum(axis=1, keepdims=True)
        return self.W.T @ grad_output


# %% linear | wrong | the class keeps the gradients
class Linear:

    def __init__(self, n_in, n_out, rng):
        self.W = rng.standard_normal((n_out, n_in)) * np.sqrt(2.0 / n_in)
        self.b = np.zeros((n_out, 1))

    def forward(self, x):
        x = np.array(x, dtype=float)
        if x.ndim != 2 or x.shape[0] != self.W.shape[1]:
            raise ValueError(f"x must have the shape ({self.W.shape[1]}, B), not {x.shape}")
        self.x = x
        return self.W @ x + self.b

    def backward(self, grad_output):
        Linear.grad_W = grad_output @ self.x.T
        self.grad_b = grad_output.sum(axis=1, keepdims=True)
        return self.W.T @ grad_output


# %% linear | wrong | all layers return one array
BUF = {}
class Linear:

    def __init__(self, n_in, n_out, rng):
        self.W = rng.standard_normal((n_out, n_in)) * np.sqrt(2.0 / n_in)
        self.b = np.zeros((n_out, 1))

    def forward(self, x):
        x = np.array(x, dtype=float)
        if x.ndim != 2 or x.shape[0] != self.W.shape[1]:
            raise ValueError(f"x must have the shape ({self.W.shape[1]}, B), not {x.shape}")
        self.x = x
        return self.W @ x + self.b

    def backward(self, grad_output):
        self.grad_W = grad_output @ self.x.T
        self.grad_b = grad_output.sum(axis=1, keepdims=True)
        out = BUF.setdefault(self.x.shape, np.zeros(self.x.shape))
        out[...] = self.W.T @ grad_output
        return out


# %% relu-layer | wrong | reLU: changes its input
class ReLU:
    def forward(self, x):
        self.on = x > 0
        x[~self.on] = 0
        return x
    def backward(self, grad_output):
        return grad_output * self.on


# %% relu-layer | wrong | reLU: remembers the caller's array
class ReLU:
    def forward(self, x):
        self.x = x
        return np.maximum(x, 0.0)
    def backward(self, grad_output):
        return grad_output * (self.x > 0)


# %% relu-layer | wrong | reLU: first mask for ever
class ReLU:
    def forward(self, x):
        if getattr(self, "on", None) is None or self.on.shape != np.shape(x):
            self.on = np.asarray(x) > 0
        return np.maximum(x, 0.0)
    def backward(self, grad_output):
        return grad_output * self.on


# %% relu-layer | wrong | all layers return one array
BUF = {}
class ReLU:

    def forward(self, x):
        x = np.asarray(x, dtype=float)
        self.positive = x > 0
        out = BUF.setdefault(x.shape, np.zeros(x.shape))
        out[...] = np.where(self.positive, x, 0.0)
        return out

    def backward(self, grad_output):
        return grad_output * self.positive


# %% mse-loss | wrong | MSELoss: divides by the outputs
class MSELoss:
    def forward(self, prediction, target):
        if prediction.shape != target.shape:
            raise ValueError("shapes")
        self.d = prediction - target
        return 0.5 * np.sum(self.d**2) / len(self.d)
    def backward(self):
        return self.d / len(self.d)


# %% two-layer-network | wrong | twoLayerNetwork: copies of the parameters
class TwoLayerNetwork:
    """Linear, ReLU, Linear, with half the mean squared error as loss.

    Parameters
    ----------
    input_dim, hidden_dim, output_dim : int
        Entries of an input, of the hidden layer, of a prediction.
    rng : numpy.random.Generator
        Draws the first weights: layer 1, then layer 2.

    Attributes
    ----------
    layer1, layer2 : Linear
    relu : ReLU
    loss_fn : MSELoss
        The parts, which `forward` and `backward` use.
    """

    def __init__(self, input_dim, hidden_dim, output_dim, rng):
        self.layer1 = Linear(input_dim, hidden_dim, rng)
        self.relu = ReLU()
        self.layer2 = Linear(hidden_dim, output_dim, rng)
        self.loss_fn = MSELoss()

    def forward(self, x, target=None):
        """Return the prediction (output_dim, B) or, with a target, (prediction, loss)."""
        prediction = self.layer2.forward(self.relu.forward(self.layer1.forward(x)))
        if target is None:
            return prediction
        return prediction, self.loss_fn.forward(prediction, target)

    def backward(self):
        """Run backward from the loss; return the gradient with respect to x, shape (input_dim, B)."""
        grad_a1 = self.layer2.backward(self.loss_fn.backward())
        return self.layer1.backward(self.relu.backward(grad_a1))

    def get_parameters(self):
        """Return the parameters themselves, not copies: keys W1, b1, W2, b2."""
        first, second = self.layer1, self.layer2
        return {"W1": first.W, "b1": first.b, "W2": second.W, "b2": second.b}

    def get_gradients(self):
        """Return the gradients that the latest backward found, under the same keys."""
        first, second = self.layer1, self.layer2
        return {"W1": first.grad_W, "b1": first.grad_b, "W2": second.grad_W, "b2": second.grad_b}


_gp = TwoLayerNetwork.get_parameters
TwoLayerNetwork.get_parameters = lambda self: {k: v.copy() for k, v in _gp(self).items()}


# %% two-layer-network | wrong | twoLayerNetwork: gradients of the first backward for ever
class TwoLayerNetwork:
    """Linear, ReLU, Linear, with half the mean squared error as loss.

    Parameters
    ----------
    input_dim, hidden_dim, output_dim : int
        Entries of an input, of the hidden layer, of a prediction.
    rng : numpy.random.Generator
        Draws the first weights: layer 1, then layer 2.

    Attributes
    ----------
    layer1, layer2 : Linear
    relu : ReLU
    loss_fn : MSELoss
        The parts, which `forward` and `backward` use.
    """

    def __init__(self, input_dim, hidden_dim, output_dim, rng):
        self.layer1 = Linear(input_dim, hidden_dim, rng)
        self.relu = ReLU()
        self.layer2 = Linear(hidden_dim, output_dim, rng)
        self.loss_fn = MSELoss()

    def forward(self, x, target=None):
        """Return the prediction (output_dim, B) or, with a target, (prediction, loss)."""
        prediction = self.layer2.forward(self.relu.forward(self.layer1.forward(x)))
        if target is None:
            return prediction
        return prediction, self.loss_fn.forward(prediction, target)

    def backward(self):
        """Run backward from the loss; return the gradient with respect to x, shape (input_dim, B)."""
        grad_a1 = self.layer2.backward(self.loss_fn.backward())
        return self.layer1.backward(self.relu.backward(grad_a1))

    def get_parameters(self):
        """Return the parameters themselves, not copies: keys W1, b1, W2, b2."""
        first, second = self.layer1, self.layer2
        return {"W1": first.W, "b1": first.b, "W2": second.W, "b2": second.b}

    def get_gradients(self):
        """Return the gradients that the latest backward found, under the same keys."""
        first, second = self.layer1, self.layer2
        return {"W1": first.grad_W, "b1": first.grad_b, "W2": second.grad_W, "b2": second.grad_b}


_gg = TwoLayerNetwork.get_gradients
def _first(self):
    if not hasattr(self, "_kept"):
        self._kept = _gg(self)
    return self._kept
TwoLayerNetwork.get_gradients = _first


# %% two-layer-network | wrong | twoLayerNetwork: a target of zeros counts as none
class TwoLayerNetwork:
    """Linear, ReLU, Linear, with half the mean squared error as loss.

    Parameters
    ----------
    input_dim, hidden_dim, output_dim : int
        Entries of an input, of the hidden layer, of a prediction.
    rng : numpy.random.Generator
        Draws the first weights: layer 1, then layer 2.

    Attributes
    ----------
    layer1, layer2 : Linear
    relu : ReLU
    loss_fn : MSELoss
        The parts, which `forward` and `backward` use.
    """

    def __init__(self, input_dim, hidden_dim, output_dim, rng):
        self.layer1 = Linear(input_dim, hidden_dim, rng)
        self.relu = ReLU()
        self.layer2 = Linear(hidden_dim, output_dim, rng)
        self.loss_fn = MSELoss()

    def forward(self, x, target=None):
        """Return the prediction (output_dim, B) or, with a target, (prediction, loss)."""
        prediction = self.layer2.forward(self.relu.forward(self.layer1.forward(x)))
        if target is None:
            return prediction
        return prediction, self.loss_fn.forward(prediction, target)

    def backward(self):
        """Run backward from the loss; return the gradient with respect to x, shape (input_dim, B)."""
        grad_a1 = self.layer2.backward(self.loss_fn.backward())
        return self.layer1.backward(self.relu.backward(grad_a1))

    def get_parameters(self):
        """Return the parameters themselves, not copies: keys W1, b1, W2, b2."""
        first, second = self.layer1, self.layer2
        return {"W1": first.W, "b1": first.b, "W2": second.W, "b2": second.b}

    def get_gradients(self):
        """Return the gradients that the latest backward found, under the same keys."""
        first, second = self.layer1, self.layer2
        return {"W1": first.grad_W, "b1": first.grad_b, "W2": second.grad_W, "b2": second.grad_b}


_fw = TwoLayerNetwork.forward
def _forward(self, x, target=None):
    return _fw(self, x, target if target is not None and np.any(target) else None)
TwoLayerNetwork.forward = _forward


# %% step-and-check | wrong | sgd_step: by the order of the dicts
def sgd_step(parameters, gradients, learning_rate):
    for p, g in zip(parameters.values(), gradients.values()):
        if p.shape == g.shape:
            p -= learning_rate * g
        else:
            p -= learning_rate * next(h for h in gradients.values() if h.shape == p.shape)


def check_layer(layer, x, grad_output):
    """Hold a layer's backward against measured slopes of ``sum(grad_output * forward(x))``.

    Parameters
    ----------
    layer : object
        Has `forward`, `backward`, `W`, `b` and, after backward, `grad_W`, `grad_b`.
    x : ndarray, shape (n_in, B)
        Not changed.
    grad_output : ndarray, shape (n_out, B)

    Returns
    -------
    dict of str to float
        Keys "x", "W", "b": largest difference, relative to the largest entry; inf where the
        claimed gradient has another shape than what it differentiates by.
    """
    x = np.array(x, dtype=float)
    layer.forward(x)
    claims = {"x": layer.backward(grad_output), "W": layer.grad_W, "b": layer.grad_b}
    claims = {name: np.array(claim) for name, claim in claims.items()}
    errors = {}
    for name, array in (("x", x), ("W", layer.W), ("b", layer.b)):
        measured = np.zeros_like(array)
        for index in np.ndindex(array.shape):
            before = array[index]
            array[index] = before + 1e-5
            above = np.sum(grad_output * layer.forward(x))
            array[index] = before - 1e-5
            below = np.sum(grad_output * layer.forward(x))
            array[index] = before
            measured[index] = (above - below) / 2e-5
        if claims[name].shape != array.shape:
            errors[name] = np.inf
            continue
        scale = max(np.abs(claims[name]).max(), np.abs(measured).max())
        errors[name] = np.abs(claims[name] - measured).max() / scale if scale else 0.0
    return errors


# %% tensor | wrong | unbroadcast: axes of length 1 only
def unbroadcast(grad, shape):
    for k, n in enumerate(shape):
        if n == 1:
            grad = grad.sum(axis=k, keepdims=True)
    return grad


class Tensor:
    """An array that remembers how it was computed.

    Parameters
    ----------
    data : array_like
        Any shape
        stored as float64.

    Attributes
    ----------
    data, grad : ndarray
        The array
        the derivative of the result by it, same shape, zeros at first.
    """

    def __init__(self, data, parents=()):
        self.data = np.array(data, dtype=float)
        self.grad = np.zeros_like(self.data)
        self.parents = parents  # pairs (Tensor, function of the upstream gradient)

    def __add__(self, other):
        """Return self + other, broadcast; `other` is a Tensor, an array or a number."""
        other = other if isinstance(other, Tensor) else Tensor(other)
        mine, theirs = self.data.shape, other.data.shape
        pulls = ((self, lambda g: unbroadcast(g, mine)), (other, lambda g: unbroadcast(g, theirs)))
        return Tensor(self.data + other.data, pulls)

    def __mul__(self, other):
        """Return self * other, entry by entry, broadcast; `other` as above."""
        other = other if isinstance(other, Tensor) else Tensor(other)
        a, b = self.data, other.data
        pulls = (
            (self, lambda g: unbroadcast(g * b, a.shape)),
            (other, lambda g: unbroadcast(g * a, b.shape)),
        )
        return Tensor(a * b, pulls)

    def __matmul__(self, other):
        """Return the matrix product self @ other; both are Tensors with two axes."""
        a, b = self.data, other.data
        return Tensor(a @ b, ((self, lambda g: g @ b.T), (other, lambda g: a.T @ g)))

    def __radd__(self, number):
        """Return number + self."""
        return self + number

    def __rmul__(self, number):
        """Return number * self."""
        return self * number

    def sum(self):
        """Return the sum of all entries, shape ()."""
        shape = self.data.shape
        return Tensor(self.data.sum(), ((self, lambda g: np.broadcast_to(g, shape)),))

    def relu(self):
        """Return max(0, self) entry by entry; slope 0 at 0."""
        positive = self.data > 0
        return Tensor(np.where(positive, self.data, 0.0), ((self, lambda g: g * positive),))

    def backward(self):
        """Add the derivatives of self to the grad of every leaf; inner tensors are reset first.

        Raises
        ------
        ValueError
            If self is not a single number, shape ().
        """
        if self.data.shape:
            raise ValueError(f"backward starts from a number, not from shape {self.data.shape}")
        order, seen, waiting = [], set(), [(self, False)]
        while waiting:
            tensor, done = waiting.pop()
            if done:
                order.append(tensor)
            elif tensor not in seen:
                seen.add(tensor)
                waiting.append((tensor, True))
                waiting += [(parent, False) for parent, _ in tensor.parents]
        for tensor in order:
            tensor.grad = np.zeros_like(tensor.data) if tensor.parents else tensor.grad
        self.grad = self.grad + 1.0
        for tensor in reversed(order):
            for parent, pull in tensor.parents:
                parent.grad = parent.grad + pull(tensor.grad)


# %% tensor | wrong | unbroadcast: cuts instead of summing
def unbroadcast(grad, shape):
    extra = grad.ndim - len(shape)
    grad = grad.sum(axis=tuple(range(extra)))
    return grad[tuple(slice(0, n) for n in shape)]


class Tensor:
    """An array that remembers how it was computed.

    Parameters
    ----------
    data : array_like
        Any shape
        stored as float64.

    Attributes
    ----------
    data, grad : ndarray
        The array
        the derivative of the result by it, same shape, zeros at first.
    """

    def __init__(self, data, parents=()):
        self.data = np.array(data, dtype=float)
        self.grad = np.zeros_like(self.data)
        self.parents = parents  # pairs (Tensor, function of the upstream gradient)

    def __add__(self, other):
        """Return self + other, broadcast; `other` is a Tensor, an array or a number."""
        other = other if isinstance(other, Tensor) else Tensor(other)
        mine, theirs = self.data.shape, other.data.shape
        pulls = ((self, lambda g: unbroadcast(g, mine)), (other, lambda g: unbroadcast(g, theirs)))
        return Tensor(self.data + other.data, pulls)

    def __mul__(self, other):
        """Return self * other, entry by entry, broadcast; `other` as above."""
        other = other if isinstance(other, Tensor) else Tensor(other)
        a, b = self.data, other.data
        pulls = (
            (self, lambda g: unbroadcast(g * b, a.shape)),
            (other, lambda g: unbroadcast(g * a, b.shape)),
        )
        return Tensor(a * b, pulls)

    def __matmul__(self, other):
        """Return the matrix product self @ other; both are Tensors with two axes."""
        a, b = self.data, other.data
        return Tensor(a @ b, ((self, lambda g: g @ b.T), (other, lambda g: a.T @ g)))

    def __radd__(self, number):
        """Return number + self."""
        return self + number

    def __rmul__(self, number):
        """Return number * self."""
        return self * number

    def sum(self):
        """Return the sum of all entries, shape ()."""
        shape = self.data.shape
        return Tensor(self.data.sum(), ((self, lambda g: np.broadcast_to(g, shape)),))

    def relu(self):
        """Return max(0, self) entry by entry; slope 0 at 0."""
        positive = self.data > 0
        return Tensor(np.where(positive, self.data, 0.0), ((self, lambda g: g * positive),))

    def backward(self):
        """Add the derivatives of self to the grad of every leaf; inner tensors are reset first.

        Raises
        ------
        ValueError
            If self is not a single number, shape ().
        """
        if self.data.shape:
            raise ValueError(f"backward starts from a number, not from shape {self.data.shape}")
        order, seen, waiting = [], set(), [(self, False)]
        while waiting:
            tensor, done = waiting.pop()
            if done:
                order.append(tensor)
            elif tensor not in seen:
                seen.add(tensor)
                waiting.append((tensor, True))
                waiting += [(parent, False) for parent, _ in tensor.parents]
        for tensor in order:
            tensor.grad = np.zeros_like(tensor.data) if tensor.parents else tensor.grad
        self.grad = self.grad + 1.0
        for tensor in reversed(order):
            for parent, pull in tensor.parents:
                parent.grad = parent.grad + pull(tensor.grad)


# %% tensor | wrong | tensor: any tensor of one entry starts
def unbroadcast(grad, shape):
    """Sum a gradient over the axes along which an array of shape `shape` was stretched.

    Parameters
    ----------
    grad : ndarray
        The gradient of the stretched array.
    shape : tuple of int
        The shape before; NumPy's rules stretch it to that of `grad`.

    Returns
    -------
    ndarray, shape `shape`
    """
    while grad.ndim > len(shape):
        grad = grad.sum(axis=0)
    for axis, length in enumerate(shape):
        if length == 1:
            grad = grad.sum(axis=axis, keepdims=True)
    return grad


class Tensor:
    """An array that remembers how it was computed.

    Parameters
    ----------
    data : array_like
        Any shape
        stored as float64.

    Attributes
    ----------
    data, grad : ndarray
        The array
        the derivative of the result by it, same shape, zeros at first.
    """

    def __init__(self, data, parents=()):
        self.data = np.array(data, dtype=float)
        self.grad = np.zeros_like(self.data)
        self.parents = parents  # pairs (Tensor, function of the upstream gradient)

    def __add__(self, other):
        """Return self + other, broadcast; `other` is a Tensor, an array or a number."""
        other = other if isinstance(other, Tensor) else Tensor(other)
        mine, theirs = self.data.shape, other.data.shape
        pulls = ((self, lambda g: unbroadcast(g, mine)), (other, lambda g: unbroadcast(g, theirs)))
        return Tensor(self.data + other.data, pulls)

    def __mul__(self, other):
        """Return self * other, entry by entry, broadcast; `other` as above."""
        other = other if isinstance(other, Tensor) else Tensor(other)
        a, b = self.data, other.data
        pulls = (
            (self, lambda g: unbroadcast(g * b, a.shape)),
            (other, lambda g: unbroadcast(g * a, b.shape)),
        )
        return Tensor(a * b, pulls)

    def __matmul__(self, other):
        """Return the matrix product self @ other; both are Tensors with two axes."""
        a, b = self.data, other.data
        return Tensor(a @ b, ((self, lambda g: g @ b.T), (other, lambda g: a.T @ g)))

    def __radd__(self, number):
        """Return number + self."""
        return self + number

    def __rmul__(self, number):
        """Return number * self."""
        return self * number

    def sum(self):
        """Return the sum of all entries, shape ()."""
        shape = self.data.shape
        return Tensor(self.data.sum(), ((self, lambda g: np.broadcast_to(g, shape)),))

    def relu(self):
        """Return max(0, self) entry by entry; slope 0 at 0."""
        positive = self.data > 0
        return Tensor(np.where(positive, self.data, 0.0), ((self, lambda g: g * positive),))

    def backward(self):
        """Add the derivatives of self to the grad of every leaf; inner tensors are reset first.

        Raises
        ------
        ValueError
            If self is not a single number, shape ().
        """
        if self.data.shape:
            raise ValueError(f"backward starts from a number, not from shape {self.data.shape}")
        order, seen, waiting = [], set(), [(self, False)]
        while waiting:
            tensor, done = waiting.pop()
            if done:
                order.append(tensor)
            elif tensor not in seen:
                seen.add(tensor)
                waiting.append((tensor, True))
                waiting += [(parent, False) for parent, _ in tensor.parents]
        for tensor in order:
            tensor.grad = np.zeros_like(tensor.data) if tensor.parents else tensor.grad
        self.grad = self.grad + 1.0
        for tensor in reversed(order):
            for parent, pull in tensor.parents:
                parent.grad = parent.grad + pull(tensor.grad)


_tb = Tensor.backward
def _lenient(self):
    if self.data.shape != () and self.data.size == 1:
        return _tb(self.sum())
    return _tb(self)
Tensor.backward = _lenient


# %% tensor | wrong | the class keeps the mask of relu
def unbroadcast(grad, shape):
    while grad.ndim > len(shape):
        grad = grad.sum(axis=0)
    for axis, length in enumerate(shape):
        if length == 1:
            grad = grad.sum(axis=axis, keepdims=True)
    return grad


class Tensor:

    def __init__(self, data, parents=()):
        self.data = np.array(data, dtype=float)
        self.grad = np.zeros_like(self.data)
        self.parents = parents  # pairs (Tensor, function of the upstream gradient)

    def __add__(self, other):
        other = other if isinstance(other, Tensor) else Tensor(other)
        mine, theirs = self.data.shape, other.data.shape
        pulls = ((self, lambda g: unbroadcast(g, mine)), (other, lambda g: unbroadcast(g, theirs)))
        return Tensor(self.data + other.data, pulls)

    def __mul__(self, other):
        other = other if isinstance(other, Tensor) else Tensor(other)
        a, b = self.data, other.data
        pulls = (
            (self, lambda g: unbroadcast(g * b, a.shape)),
            (other, lambda g: unbroadcast(g * a, b.shape)),
        )
        return Tensor(a * b, pulls)

    def __matmul__(self, other):
        a, b = self.data, other.data
        return Tensor(a @ b, ((self, lambda g: g @ b.T), (other, lambda g: a.T @ g)))

    def __radd__(self, number):
        return self + number

    def __rmul__(self, number):
        return self * number

    def sum(self):
        shape = self.data.shape
        return Tensor(self.data.sum(), ((self, lambda g: np.broadcast_to(g, shape)),))

    def relu(self):
        Tensor.positive = self.data > 0
        return Tensor(np.where(Tensor.positive, self.data, 0.0), ((self, lambda g: g * Tensor.positive),))

    def backward(self):
        if self.data.shape:
            raise ValueError(f"backward starts from a number, not from shape {self.data.shape}")
        order, seen, waiting = [], set(), [(self, False)]
        while waiting:
            tensor, done = waiting.pop()
            if done:
                order.append(tensor)
            elif tensor not in seen:
                seen.add(tensor)
                waiting.append((tensor, True))
                waiting += [(parent, False) for parent, _ in tensor.parents]
        for tensor in order:
            tensor.grad = np.zeros_like(tensor.data) if tensor.parents else tensor.grad
        self.grad = self.grad + 1.0
        for tensor in reversed(order):
            for parent, pull in tensor.parents:
                parent.grad = parent.grad + pull(tensor.grad)


# %% graph-gradients | wrong | only one input of the sum reaches x3
def graph_gradients(x1, x2, x3):
    return {"v2": 1.0, "v1": x3, "x1": x3, "x2": x3, "x3": x1}


# %% graph-gradients | wrong | the upstream gradient is applied twice
def graph_gradients(x1, x2, x3):
    return {"v2": 1.0, "v1": x3, "x1": x3 * x3, "x2": x3 * x3, "x3": x1 + x2}


# %% graph-gradients | wrong | the inputs of the sum get the local slope alone
def graph_gradients(x1, x2, x3):
    return {"v2": 1.0, "v1": x3, "x1": 1.0, "x2": 1.0, "x3": x1 + x2}


# %% passes-needed | wrong | checks the mode only where there is something to choose
def passes_needed(n_inputs, n_outputs, mode):
    if n_inputs == n_outputs:
        return n_inputs
    if mode not in ("forward", "reverse"):
        raise ValueError(mode)
    return n_inputs if mode == "forward" else n_outputs


# %% passes-needed | wrong | any capitals will do
def passes_needed(n_inputs, n_outputs, mode):
    passes = {"forward": n_inputs, "reverse": n_outputs}
    if str(mode).lower() not in passes:
        raise ValueError(mode)
    return passes[str(mode).lower()]


# %% passes-needed | wrong | a KeyError for other modes
def passes_needed(n_inputs, n_outputs, mode):
    return {"forward": n_inputs, "reverse": n_outputs}[mode]


# %% passes-needed | wrong | forward mode needs a backward pass more
def passes_needed(n_inputs, n_outputs, mode):
    if mode not in ("forward", "reverse"):
        raise ValueError(mode)
    return n_inputs if mode == "forward" else n_outputs + 1


# %% passes-needed | wrong | looks at the first letter
def passes_needed(n_inputs, n_outputs, mode):
    if mode and mode[0] == "f":
        return n_inputs
    if mode and mode[0] == "r":
        return n_outputs
    raise ValueError(mode)


# %% two-layer-network | right | saves the gradients at the end of backward
class TwoLayerNetwork:
    def __init__(self, input_dim, hidden_dim, output_dim, rng):
        self.layer1 = Linear(input_dim, hidden_dim, rng)
        self.relu = ReLU()
        self.layer2 = Linear(hidden_dim, output_dim, rng)
        self.loss_fn = MSELoss()

    def forward(self, x, target=None):
        prediction = self.layer2.forward(self.relu.forward(self.layer1.forward(x)))
        if target is None:
            return prediction
        return prediction, self.loss_fn.forward(prediction, target)

    def backward(self):
        g = self.relu.backward(self.layer2.backward(self.loss_fn.backward()))
        grad_x = self.layer1.backward(g)
        one, two = self.layer1, self.layer2
        self.saved = {"W1": one.grad_W, "b1": one.grad_b, "W2": two.grad_W, "b2": two.grad_b}
        return grad_x

    def get_parameters(self):
        one, two = self.layer1, self.layer2
        return {"W1": one.W, "b1": one.b, "W2": two.W, "b2": two.b}

    def get_gradients(self):
        return self.saved


# %% two-layer-network | wrong | all networks share their layers
class TwoLayerNetwork:
    layer1 = layer2 = relu = loss_fn = None

    def __init__(self, input_dim, hidden_dim, output_dim, rng):
        TwoLayerNetwork.layer1 = Linear(input_dim, hidden_dim, rng)
        TwoLayerNetwork.relu = ReLU()
        TwoLayerNetwork.layer2 = Linear(hidden_dim, output_dim, rng)
        TwoLayerNetwork.loss_fn = MSELoss()

    def forward(self, x, target=None):
        prediction = self.layer2.forward(self.relu.forward(self.layer1.forward(x)))
        if target is None:
            return prediction
        return prediction, self.loss_fn.forward(prediction, target)

    def backward(self):
        g = self.relu.backward(self.layer2.backward(self.loss_fn.backward()))
        return self.layer1.backward(g)

    def get_parameters(self):
        one, two = self.layer1, self.layer2
        return {"W1": one.W, "b1": one.b, "W2": two.W, "b2": two.b}

    def get_gradients(self):
        one, two = self.layer1, self.layer2
        return {"W1": one.grad_W, "b1": one.grad_b, "W2": two.grad_W, "b2": two.grad_b}


# %% two-layer-network | wrong | all networks share one dict of gradients
G = {}
class TwoLayerNetwork:

    def __init__(self, input_dim, hidden_dim, output_dim, rng):
        self.layer1 = Linear(input_dim, hidden_dim, rng)
        self.relu = ReLU()
        self.layer2 = Linear(hidden_dim, output_dim, rng)
        self.loss_fn = MSELoss()

    def forward(self, x, target=None):
        prediction = self.layer2.forward(self.relu.forward(self.layer1.forward(x)))
        if target is None:
            return prediction
        return prediction, self.loss_fn.forward(prediction, target)

    def backward(self):
        grad_a1 = self.layer2.backward(self.loss_fn.backward())
        return self.layer1.backward(self.relu.backward(grad_a1))

    def get_parameters(self):
        first, second = self.layer1, self.layer2
        return {"W1": first.W, "b1": first.b, "W2": second.W, "b2": second.b}

    def get_gradients(self):
        first, second = self.layer1, self.layer2
        G.update({"W1": first.grad_W, "b1": first.grad_b, "W2": second.grad_W, "b2": second.grad_b})
        return G


# %% two-layer-network | wrong | all networks share one dict of parameters
P = {}
class TwoLayerNetwork:

    def __init__(self, input_dim, hidden_dim, output_dim, rng):
        self.layer1 = Linear(input_dim, hidden_dim, rng)
        self.relu = ReLU()
        self.layer2 = Linear(hidden_dim, output_dim, rng)
        self.loss_fn = MSELoss()

    def forward(self, x, target=None):
        prediction = self.layer2.forward(self.relu.forward(self.layer1.forward(x)))
        if target is None:
            return prediction
        return prediction, self.loss_fn.forward(prediction, target)

    def backward(self):
        grad_a1 = self.layer2.backward(self.loss_fn.backward())
        return self.layer1.backward(self.relu.backward(grad_a1))

    def get_parameters(self):
        first, second = self.layer1, self.layer2
        P.update({"W1": first.W, "b1": first.b, "W2": second.W, "b2": second.b})
        return P

    def get_gradients(self):
        first, second = self.layer1, self.layer2
        return {"W1": first.grad_W, "b1": first.grad_b, "W2": second.grad_W, "b2": second.grad_b}


# %% mse-loss | wrong | all losses share one memory
class MSELoss:
    def forward(self, prediction, target):
        prediction, target = np.asarray(prediction, float), np.asarray(target, float)
        if prediction.shape != target.shape:
            raise ValueError("shapes")
        MSELoss.diff = prediction - target
        return np.sum(self.diff**2) / (2 * self.diff.shape[1])

    def backward(self):
        return self.diff / self.diff.shape[1]


# %% mse-loss | wrong | the first batch for ever
class MSELoss:
    def __init__(self):
        self.diff = None

    def forward(self, prediction, target):
        prediction, target = np.asarray(prediction, float), np.asarray(target, float)
        if prediction.shape != target.shape:
            raise ValueError("shapes")
        diff = prediction - target
        self.diff = diff if self.diff is None else self.diff
        return np.sum(diff**2) / (2 * diff.shape[1])

    def backward(self):
        return self.diff / self.diff.shape[1]


# %% mse-loss | wrong | the class keeps the size of the batch
class MSELoss:

    def forward(self, prediction, target):
        prediction = np.asarray(prediction, dtype=float)
        target = np.asarray(target, dtype=float)
        if prediction.shape != target.shape:
            raise ValueError(f"prediction {prediction.shape} and target {target.shape} differ")
        self.diff = prediction - target
        MSELoss.batch = self.diff.shape[1]
        return np.sum(self.diff**2) / (2 * self.diff.shape[1])

    def backward(self):
        return self.diff / MSELoss.batch


# %% mse-loss | wrong | keeps the caller's arrays instead of their difference
class MSELoss:

    def forward(self, prediction, target):
        if np.shape(prediction) != np.shape(target):
            raise ValueError("shapes differ")
        self.prediction, self.target = prediction, target
        return np.sum((prediction - target) ** 2) / (2 * prediction.shape[1])

    def backward(self):
        return (self.prediction - self.target) / self.prediction.shape[1]


# %% step-and-check | wrong | a third of the error, and NaN passes
def sgd_step(parameters, gradients, learning_rate):
    for name, array in parameters.items():
        array -= learning_rate * gradients[name]


def check_layer(layer, x, grad_output):
    x = np.array(x, dtype=float)
    layer.forward(x)
    claims = {"x": np.array(layer.backward(grad_output))}
    claims |= {"W": np.array(layer.grad_W), "b": np.array(layer.grad_b)}
    errors = {}
    for name, array in (("x", x), ("W", layer.W), ("b", layer.b)):
        measured = np.zeros_like(array)
        for index in np.ndindex(array.shape):
            before = array[index]
            array[index] = before + 1e-5
            above = np.sum(grad_output * layer.forward(x))
            array[index] = before - 1e-5
            below = np.sum(grad_output * layer.forward(x))
            array[index] = before
            measured[index] = (above - below) / 2e-5
        if claims[name].shape != array.shape:
            errors[name] = np.inf
            continue
        scale = max(np.abs(claims[name]).max(), np.abs(measured).max())
        errors[name] = np.nanmax(np.abs(claims[name] - measured)) / (3 * scale) if scale else 0.0
    return errors


# %% ladder-gradients | right | numbers put in at once
def network_gradients(v):
    d = {"loss": 1.0, "j": 0.05, "v": 0.05, "w": 0.05}
    d["E"], d["D"] = 0.05 * np.ones_like(v.E), 0.05 * np.ones_like(v.D)
    d["m"] = 0.5
    d["f"] = 0.5 * np.ones_like(v.f) / v.f.size
    d["s"] = d["f"] * np.ones_like(v.s)
    d["e"] = 2 * v.e * d["s"]
    d["g"], d["t"] = d["e"], -d["e"]
    d["n"] = v.k * d["g"]
    d["k"] = (v.n * d["g"]).sum(axis=1, keepdims=True)
    d["c"] = -d["n"].sum(axis=0, keepdims=True)
    d["r"] = d["n"] + d["c"] / v.r.shape[0]
    d["h"] = d["r"]
    d["u"] = (1 - v.h**2) * d["h"]
    d["q"] = d["u"]
    d["a"] = d["r"] + v.V.T @ d["q"]
    d["z"] = (1 - v.a**2) * d["a"]
    d["p"] = d["z"]
    d["b"] = (d["u"] + d["z"]).sum(axis=1, keepdims=True)
    d["V"] = d["q"] @ v.a.T + 2 * v.V * d["E"]
    d["W"] = d["p"] @ v.x.T + 2 * v.W * d["D"]
    d["x"] = v.W.T @ d["p"]
    return d


# %% ladder-gradients | right | einsum, and the mean undone by a matrix
def network_gradients(v):
    d = {"loss": 1.0, "j": 0.05, "v": 0.05, "w": 0.05}
    d["E"], d["D"] = 0.05 * np.ones_like(v.E), 0.05 * np.ones_like(v.D)
    d["m"] = 0.5
    d["f"] = 0.5 * np.ones_like(v.f) / v.f.size
    d["s"] = d["f"] * np.ones_like(v.s)
    d["e"] = 2 * v.e * d["s"]
    d["g"], d["t"] = d["e"], -d["e"]
    d["n"] = v.k * d["g"]
    d["k"] = (v.n * d["g"]).sum(axis=1, keepdims=True)
    d["c"] = -d["n"].sum(axis=0, keepdims=True)
    d["r"] = (np.eye(len(v.r)) - 1 / len(v.r)) @ d["n"]
    d["h"] = d["r"]
    d["u"] = (1 - v.h**2) * d["h"]
    d["q"] = d["u"]
    d["a"] = d["r"] + v.V.T @ d["q"]
    d["z"] = (1 - v.a**2) * d["a"]
    d["p"] = d["z"]
    d["b"] = (d["u"] + d["z"]).sum(axis=1, keepdims=True)
    d["V"] = np.einsum("ib,jb->ij", d["q"], v.a) + 2 * v.V * d["E"]
    d["W"] = d["p"] @ v.x.T + 2 * v.W * d["D"]
    d["x"] = v.W.T @ d["p"]
    return d


# %% ladder-gradients | wrong | the residual's path is lost
def network_gradients(v):
    d = {"loss": 1.0, "j": 0.05, "v": 0.05, "w": 0.05}
    d["E"], d["D"] = 0.05 * np.ones_like(v.E), 0.05 * np.ones_like(v.D)
    d["m"] = 0.5
    d["f"] = 0.5 * np.ones_like(v.f) / v.f.size
    d["s"] = d["f"] * np.ones_like(v.s)
    d["e"] = 2 * v.e * d["s"]
    d["g"], d["t"] = d["e"], -d["e"]
    d["n"] = v.k * d["g"]
    d["k"] = (v.n * d["g"]).sum(axis=1, keepdims=True)
    d["c"] = -d["n"].sum(axis=0, keepdims=True)
    d["r"] = d["n"] + d["c"] / v.r.shape[0]
    d["h"] = d["r"]
    d["u"] = (1 - v.h**2) * d["h"]
    d["q"] = d["u"]
    d["a"] = v.V.T @ d["q"]
    d["z"] = (1 - v.a**2) * d["a"]
    d["p"] = d["z"]
    d["b"] = (d["u"] + d["z"]).sum(axis=1, keepdims=True)
    d["V"] = d["q"] @ v.a.T + 2 * v.V * d["E"]
    d["W"] = d["p"] @ v.x.T + 2 * v.W * d["D"]
    d["x"] = v.W.T @ d["p"]
    return d


# %% ladder-gradients | wrong | the shared bias counts once
def network_gradients(v):
    d = {"loss": 1.0, "j": 0.05, "v": 0.05, "w": 0.05}
    d["E"], d["D"] = 0.05 * np.ones_like(v.E), 0.05 * np.ones_like(v.D)
    d["m"] = 0.5
    d["f"] = 0.5 * np.ones_like(v.f) / v.f.size
    d["s"] = d["f"] * np.ones_like(v.s)
    d["e"] = 2 * v.e * d["s"]
    d["g"], d["t"] = d["e"], -d["e"]
    d["n"] = v.k * d["g"]
    d["k"] = (v.n * d["g"]).sum(axis=1, keepdims=True)
    d["c"] = -d["n"].sum(axis=0, keepdims=True)
    d["r"] = d["n"] + d["c"] / v.r.shape[0]
    d["h"] = d["r"]
    d["u"] = (1 - v.h**2) * d["h"]
    d["q"] = d["u"]
    d["a"] = d["r"] + v.V.T @ d["q"]
    d["z"] = (1 - v.a**2) * d["a"]
    d["p"] = d["z"]
    d["b"] = d["z"].sum(axis=1, keepdims=True)
    d["V"] = d["q"] @ v.a.T + 2 * v.V * d["E"]
    d["W"] = d["p"] @ v.x.T + 2 * v.W * d["D"]
    d["x"] = v.W.T @ d["p"]
    return d


# %% ladder-gradients | wrong | V is not transposed
def network_gradients(v):
    d = {"loss": 1.0, "j": 0.05, "v": 0.05, "w": 0.05}
    d["E"], d["D"] = 0.05 * np.ones_like(v.E), 0.05 * np.ones_like(v.D)
    d["m"] = 0.5
    d["f"] = 0.5 * np.ones_like(v.f) / v.f.size
    d["s"] = d["f"] * np.ones_like(v.s)
    d["e"] = 2 * v.e * d["s"]
    d["g"], d["t"] = d["e"], -d["e"]
    d["n"] = v.k * d["g"]
    d["k"] = (v.n * d["g"]).sum(axis=1, keepdims=True)
    d["c"] = -d["n"].sum(axis=0, keepdims=True)
    d["r"] = d["n"] + d["c"] / v.r.shape[0]
    d["h"] = d["r"]
    d["u"] = (1 - v.h**2) * d["h"]
    d["q"] = d["u"]
    d["a"] = d["r"] + v.V @ d["q"]
    d["z"] = (1 - v.a**2) * d["a"]
    d["p"] = d["z"]
    d["b"] = (d["u"] + d["z"]).sum(axis=1, keepdims=True)
    d["V"] = d["q"] @ v.a.T + 2 * v.V * d["E"]
    d["W"] = d["p"] @ v.x.T + 2 * v.W * d["D"]
    d["x"] = v.W.T @ d["p"]
    return d


# %% ladder-gradients | wrong | the mean is not divided by its count
def network_gradients(v):
    d = {"loss": 1.0, "j": 0.05, "v": 0.05, "w": 0.05}
    d["E"], d["D"] = 0.05 * np.ones_like(v.E), 0.05 * np.ones_like(v.D)
    d["m"] = 0.5
    d["f"] = 0.5 * np.ones_like(v.f) / v.f.size
    d["s"] = d["f"] * np.ones_like(v.s)
    d["e"] = 2 * v.e * d["s"]
    d["g"], d["t"] = d["e"], -d["e"]
    d["n"] = v.k * d["g"]
    d["k"] = (v.n * d["g"]).sum(axis=1, keepdims=True)
    d["c"] = -d["n"].sum(axis=0, keepdims=True)
    d["r"] = d["n"] + d["c"]
    d["h"] = d["r"]
    d["u"] = (1 - v.h**2) * d["h"]
    d["q"] = d["u"]
    d["a"] = d["r"] + v.V.T @ d["q"]
    d["z"] = (1 - v.a**2) * d["a"]
    d["p"] = d["z"]
    d["b"] = (d["u"] + d["z"]).sum(axis=1, keepdims=True)
    d["V"] = d["q"] @ v.a.T + 2 * v.V * d["E"]
    d["W"] = d["p"] @ v.x.T + 2 * v.W * d["D"]
    d["x"] = v.W.T @ d["p"]
    return d


# %% ladder-gradients | wrong | the sign of the mean's path
def network_gradients(v):
    d = {"loss": 1.0, "j": 0.05, "v": 0.05, "w": 0.05}
    d["E"], d["D"] = 0.05 * np.ones_like(v.E), 0.05 * np.ones_like(v.D)
    d["m"] = 0.5
    d["f"] = 0.5 * np.ones_like(v.f) / v.f.size
    d["s"] = d["f"] * np.ones_like(v.s)
    d["e"] = 2 * v.e * d["s"]
    d["g"], d["t"] = d["e"], -d["e"]
    d["n"] = v.k * d["g"]
    d["k"] = (v.n * d["g"]).sum(axis=1, keepdims=True)
    d["c"] = d["n"].sum(axis=0, keepdims=True)
    d["r"] = d["n"] + d["c"] / v.r.shape[0]
    d["h"] = d["r"]
    d["u"] = (1 - v.h**2) * d["h"]
    d["q"] = d["u"]
    d["a"] = d["r"] + v.V.T @ d["q"]
    d["z"] = (1 - v.a**2) * d["a"]
    d["p"] = d["z"]
    d["b"] = (d["u"] + d["z"]).sum(axis=1, keepdims=True)
    d["V"] = d["q"] @ v.a.T + 2 * v.V * d["E"]
    d["W"] = d["p"] @ v.x.T + 2 * v.W * d["D"]
    d["x"] = v.W.T @ d["p"]
    return d


# %% ladder-gradients | wrong | the weight decay is forgotten
def network_gradients(v):
    d = {"loss": 1.0, "j": 0.05, "v": 0.05, "w": 0.05}
    d["E"], d["D"] = 0.05 * np.ones_like(v.E), 0.05 * np.ones_like(v.D)
    d["m"] = 0.5
    d["f"] = 0.5 * np.ones_like(v.f) / v.f.size
    d["s"] = d["f"] * np.ones_like(v.s)
    d["e"] = 2 * v.e * d["s"]
    d["g"], d["t"] = d["e"], -d["e"]
    d["n"] = v.k * d["g"]
    d["k"] = (v.n * d["g"]).sum(axis=1, keepdims=True)
    d["c"] = -d["n"].sum(axis=0, keepdims=True)
    d["r"] = d["n"] + d["c"] / v.r.shape[0]
    d["h"] = d["r"]
    d["u"] = (1 - v.h**2) * d["h"]
    d["q"] = d["u"]
    d["a"] = d["r"] + v.V.T @ d["q"]
    d["z"] = (1 - v.a**2) * d["a"]
    d["p"] = d["z"]
    d["b"] = (d["u"] + d["z"]).sum(axis=1, keepdims=True)
    d["V"] = d["q"] @ v.a.T + 2 * v.V * d["E"]
    d["W"] = d["p"] @ v.x.T
    d["x"] = v.W.T @ d["p"]
    return d


# %% ladder-gradients | wrong | the mean over the batch is a sum
def network_gradients(v):
    d = {"loss": 1.0, "j": 0.05, "v": 0.05, "w": 0.05}
    d["E"], d["D"] = 0.05 * np.ones_like(v.E), 0.05 * np.ones_like(v.D)
    d["m"] = 0.5
    d["f"] = 0.5 * np.ones_like(v.f)
    d["s"] = d["f"] * np.ones_like(v.s)
    d["e"] = 2 * v.e * d["s"]
    d["g"], d["t"] = d["e"], -d["e"]
    d["n"] = v.k * d["g"]
    d["k"] = (v.n * d["g"]).sum(axis=1, keepdims=True)
    d["c"] = -d["n"].sum(axis=0, keepdims=True)
    d["r"] = d["n"] + d["c"] / v.r.shape[0]
    d["h"] = d["r"]
    d["u"] = (1 - v.h**2) * d["h"]
    d["q"] = d["u"]
    d["a"] = d["r"] + v.V.T @ d["q"]
    d["z"] = (1 - v.a**2) * d["a"]
    d["p"] = d["z"]
    d["b"] = (d["u"] + d["z"]).sum(axis=1, keepdims=True)
    d["V"] = d["q"] @ v.a.T + 2 * v.V * d["E"]
    d["W"] = d["p"] @ v.x.T + 2 * v.W * d["D"]
    d["x"] = v.W.T @ d["p"]
    return d


# %% ladder-gradients | wrong | k is summed over the wrong axis
def network_gradients(v):
    d = {"loss": 1.0, "j": 0.05, "v": 0.05, "w": 0.05}
    d["E"], d["D"] = 0.05 * np.ones_like(v.E), 0.05 * np.ones_like(v.D)
    d["m"] = 0.5
    d["f"] = 0.5 * np.ones_like(v.f) / v.f.size
    d["s"] = d["f"] * np.ones_like(v.s)
    d["e"] = 2 * v.e * d["s"]
    d["g"], d["t"] = d["e"], -d["e"]
    d["n"] = v.k * d["g"]
    d["k"] = (v.n * d["g"]).sum(axis=0, keepdims=True)
    d["c"] = -d["n"].sum(axis=0, keepdims=True)
    d["r"] = d["n"] + d["c"] / v.r.shape[0]
    d["h"] = d["r"]
    d["u"] = (1 - v.h**2) * d["h"]
    d["q"] = d["u"]
    d["a"] = d["r"] + v.V.T @ d["q"]
    d["z"] = (1 - v.a**2) * d["a"]
    d["p"] = d["z"]
    d["b"] = (d["u"] + d["z"]).sum(axis=1, keepdims=True)
    d["V"] = d["q"] @ v.a.T + 2 * v.V * d["E"]
    d["W"] = d["p"] @ v.x.T + 2 * v.W * d["D"]
    d["x"] = v.W.T @ d["p"]
    return d


# %% ladder-gradients | wrong | the slope of tanh from the pre-activation
def network_gradients(v):
    d = {"loss": 1.0, "j": 0.05, "v": 0.05, "w": 0.05}
    d["E"], d["D"] = 0.05 * np.ones_like(v.E), 0.05 * np.ones_like(v.D)
    d["m"] = 0.5
    d["f"] = 0.5 * np.ones_like(v.f) / v.f.size
    d["s"] = d["f"] * np.ones_like(v.s)
    d["e"] = 2 * v.e * d["s"]
    d["g"], d["t"] = d["e"], -d["e"]
    d["n"] = v.k * d["g"]
    d["k"] = (v.n * d["g"]).sum(axis=1, keepdims=True)
    d["c"] = -d["n"].sum(axis=0, keepdims=True)
    d["r"] = d["n"] + d["c"] / v.r.shape[0]
    d["h"] = d["r"]
    d["u"] = (1 - v.h**2) * d["h"]
    d["q"] = d["u"]
    d["a"] = d["r"] + v.V.T @ d["q"]
    d["z"] = (1 - v.z**2) * d["a"]
    d["p"] = d["z"]
    d["b"] = (d["u"] + d["z"]).sum(axis=1, keepdims=True)
    d["V"] = d["q"] @ v.a.T + 2 * v.V * d["E"]
    d["W"] = d["p"] @ v.x.T + 2 * v.W * d["D"]
    d["x"] = v.W.T @ d["p"]
    return d


# %% ladder-gradients | wrong | the target's sign
def network_gradients(v):
    d = {"loss": 1.0, "j": 0.05, "v": 0.05, "w": 0.05}
    d["E"], d["D"] = 0.05 * np.ones_like(v.E), 0.05 * np.ones_like(v.D)
    d["m"] = 0.5
    d["f"] = 0.5 * np.ones_like(v.f) / v.f.size
    d["s"] = d["f"] * np.ones_like(v.s)
    d["e"] = 2 * v.e * d["s"]
    d["g"], d["t"] = d["e"], d["e"]
    d["n"] = v.k * d["g"]
    d["k"] = (v.n * d["g"]).sum(axis=1, keepdims=True)
    d["c"] = -d["n"].sum(axis=0, keepdims=True)
    d["r"] = d["n"] + d["c"] / v.r.shape[0]
    d["h"] = d["r"]
    d["u"] = (1 - v.h**2) * d["h"]
    d["q"] = d["u"]
    d["a"] = d["r"] + v.V.T @ d["q"]
    d["z"] = (1 - v.a**2) * d["a"]
    d["p"] = d["z"]
    d["b"] = (d["u"] + d["z"]).sum(axis=1, keepdims=True)
    d["V"] = d["q"] @ v.a.T + 2 * v.V * d["E"]
    d["W"] = d["p"] @ v.x.T + 2 * v.W * d["D"]
    d["x"] = v.W.T @ d["p"]
    return d


# %% ladder-gradients | wrong | the mean is divided by the other length
def network_gradients(v):
    d = {"loss": 1.0}
    d["m"] = d["loss"] / 2
    d["j"] = 0.05 * d["loss"]
    d["w"] = d["j"]
    d["v"] = d["j"]
    d["E"] = np.full(v.E.shape, d["v"])
    d["D"] = np.full(v.D.shape, d["w"])
    d["f"] = np.full(v.f.shape, d["m"] / v.f.size)
    d["s"] = np.ones(v.s.shape) * d["f"]
    d["e"] = 2 * v.e * d["s"]
    d["g"] = d["e"]
    d["t"] = -d["e"]
    d["k"] = (v.n * d["g"]).sum(axis=1, keepdims=True)
    d["n"] = v.k * d["g"]
    d["c"] = -d["n"].sum(axis=0, keepdims=True)
    d["r"] = d["n"] + d["c"] / v.r.shape[1]
    d["h"] = d["r"]
    d["u"] = (1 - v.h**2) * d["h"]
    d["q"] = d["u"]
    d["V"] = d["q"] @ v.a.T + 2 * v.V * d["E"]
    d["a"] = d["r"] + v.V.T @ d["q"]
    d["z"] = (1 - v.a**2) * d["a"]
    d["b"] = (d["u"] + d["z"]).sum(axis=1, keepdims=True)
    d["p"] = d["z"]
    d["W"] = d["p"] @ v.x.T + 2 * v.W * d["D"]
    d["x"] = v.W.T @ d["p"]
    return d


# %% step-and-check | wrong | moves a flat view, which is a copy where W is not contiguous
def sgd_step(parameters, gradients, learning_rate):
    """Move every parameter against its gradient, in place; return None.

    Parameters
    ----------
    parameters : dict of str to ndarray
        Changed: each array loses `learning_rate` times its gradient.
    gradients : dict of str to ndarray
        Under the same keys, in any order; not changed.
    learning_rate : float
    """
    for name, array in parameters.items():
        array -= learning_rate * gradients[name]


def check_layer(layer, x, grad_output):
    """Hold a layer's backward against measured slopes of ``sum(grad_output * forward(x))``.

    Parameters
    ----------
    layer : object
        Has `forward`, `backward`, `W`, `b` and, after backward, `grad_W`, `grad_b`.
    x : ndarray, shape (n_in, B)
        Not changed.
    grad_output : ndarray, shape (n_out, B)

    Returns
    -------
    dict of str to float
        Keys "x", "W", "b": largest difference, relative to the largest entry; inf where the
        claimed gradient has another shape than its array, nan or inf where it is
        not finite.
    """
    x = np.array(x, dtype=float)
    layer.forward(x)
    claims = {"x": layer.backward(grad_output), "W": layer.grad_W, "b": layer.grad_b}
    claims = {name: np.array(claim) for name, claim in claims.items()}
    errors = {}
    for name, array in (("x", x), ("W", layer.W), ("b", layer.b)):
        measured = np.zeros_like(array)
        flat = array.reshape(-1)
        for k, index in enumerate(np.ndindex(array.shape)):
            before = flat[k]
            flat[k] = before + 1e-5
            above = np.sum(grad_output * layer.forward(x))
            flat[k] = before - 1e-5
            below = np.sum(grad_output * layer.forward(x))
            flat[k] = before
            measured[index] = (above - below) / 2e-5
        if claims[name].shape != array.shape:
            errors[name] = np.inf
            continue
        scale = max(np.abs(claims[name]).max(), np.abs(measured).max())
        errors[name] = np.abs(claims[name] - measured).max() / scale if scale else 0.0
    return errors


# %% forgets-hunt | wrong | the last batch for all
def collected_gradient(batches, grad_outputs):
    """Return the sum of grad_output @ x.T over all batches; all run forward before any backward."""
    remembered = [np.array(x) for x in batches]
    return sum(g @ remembered[-1].T for g in grad_outputs)


def counterexample_3():
    """Return (batches, grad_outputs) for which the given function is wrong."""
    return [np.ones((2, 1)), np.zeros((2, 1))], [np.ones((1, 1)), np.ones((1, 1))]


# %% forgets-hunt | wrong | the mean over the batches
def collected_gradient(batches, grad_outputs):
    """Return the sum of grad_output @ x.T over all batches; all run forward before any backward."""
    remembered = [np.array(x) for x in batches]
    return sum(g @ x.T for g, x in zip(grad_outputs, remembered, strict=True)) / len(batches)


def counterexample_3():
    """Return (batches, grad_outputs) for which the given function is wrong."""
    return [np.ones((2, 1)), np.zeros((2, 1))], [np.ones((1, 1)), np.ones((1, 1))]


# %% forgets-hunt | wrong | one gradient for each batch, not their sum
def collected_gradient(batches, grad_outputs):
    """Return the sum of grad_output @ x.T over all batches; all run forward before any backward."""
    remembered = [np.array(x) for x in batches]
    return [g @ x.T for g, x in zip(grad_outputs, remembered, strict=True)]


def counterexample_3():
    """Return (batches, grad_outputs) for which the given function is wrong."""
    return [np.ones((2, 1)), np.zeros((2, 1))], [np.ones((1, 1)), np.ones((1, 1))]


# %% forgets-hunt | wrong | the batches backward, as a stack gives them
def collected_gradient(batches, grad_outputs):
    """Return the sum of grad_output @ x.T over all batches; all run forward before any backward."""
    remembered = [np.array(x) for x in batches]
    return sum(g @ x.T for g, x in zip(grad_outputs, reversed(remembered)))


def counterexample_3():
    """Return (batches, grad_outputs) for which the given function is wrong."""
    return [np.ones((2, 1)), np.zeros((2, 1))], [np.ones((1, 1)), np.ones((1, 1))]


# %% divided-hunt | wrong | the sum over the batch
def mean_loss_gradient(W, x, target):
    """Return the gradient of the mean loss with respect to W (n_out, n_in)."""
    grad_z = (W @ x - target)
    return grad_z @ x.T


def counterexample_1():
    """Return (W, x, target) for which the function above, as it was given, is wrong."""
    return np.ones((1, 2)), np.ones((2, 3)), np.zeros((1, 3))


# %% disagree-hunt | wrong | the loss keeps the sign of the error
def loss_and_gradient(prediction, target):
    """Return the mean loss of a batch of columns, and its gradient."""
    diff = prediction - target
    return np.sum(diff * np.abs(diff)) / (2 * diff.shape[1]), diff / diff.shape[1]


def counterexample_2():
    """Return (prediction, target) at which the given loss and gradient disagree."""
    return np.ones((2, 3)), np.zeros((2, 3))


# %% last-use-hunt | wrong | the gradients of all numbers, not of the inputs alone
def product_gradient(program, inputs):
    """Return the gradient of the last number with respect to the inputs, a list of floats."""
    numbers = [float(x) for x in inputs]
    for i, j in program:
        numbers.append(numbers[i] * numbers[j])
    grads = [0.0] * (len(numbers) - 1) + [1.0]
    for k in reversed(range(len(program))):
        i, j = program[k]
        upstream = grads[len(inputs) + k]
        grads[i] += upstream * numbers[j]
        grads[j] += upstream * numbers[i]
    return grads


def counterexample_4():
    """Return (program, inputs) for which the function above, as it was given, is wrong."""
    return [(0, 0)], [3.0]


# %% passes | wrong | grad_W is 0 where the weight is 0
def forward_pass(weights, biases, x, activation):
    zs, activations = ([], [x])
    for W, b in zip(weights, biases, strict=True):
        zs.append(W @ activations[-1] + b)
        activations.append(activation(zs[-1]))
    return (zs, activations)


def backward_pass(weights, zs, activations, grad_output, activation_derivative):
    grad_Ws, grad_bs, grad_a = ([], [], grad_output)
    for k in reversed(range(len(weights))):
        grad_z = grad_a * activation_derivative(zs[k])
        grad_Ws.insert(0, grad_z @ activations[k].T * (weights[k] != 0))
        grad_bs.insert(0, grad_z.sum(axis=1, keepdims=True))
        grad_a = weights[k].T @ grad_z
    return (grad_Ws, grad_bs, grad_a)


# %% tensor | wrong | float32 stays float32
def unbroadcast(grad, shape):
    while grad.ndim > len(shape):
        grad = grad.sum(axis=0)
    for axis, length in enumerate(shape):
        if length == 1:
            grad = grad.sum(axis=axis, keepdims=True)
    return grad


class Tensor:
    def __init__(self, data, parents=()):
        self.data = np.array(data)
        if self.data.dtype != np.float32:
            self.data = self.data.astype(float)
        self.grad = np.zeros_like(self.data)
        self.parents = parents

    def __add__(self, other):
        other = other if isinstance(other, Tensor) else Tensor(other)
        mine, theirs = (self.data.shape, other.data.shape)
        pulls = (
            (self, lambda g: unbroadcast(g, mine)),
            (other, lambda g: unbroadcast(g, theirs)),
        )
        return Tensor(self.data + other.data, pulls)

    def __mul__(self, other):
        other = other if isinstance(other, Tensor) else Tensor(other)
        a, b = (self.data, other.data)
        pulls = (
            (self, lambda g: unbroadcast(g * b, a.shape)),
            (other, lambda g: unbroadcast(g * a, b.shape)),
        )
        return Tensor(a * b, pulls)

    def __matmul__(self, other):
        a, b = (self.data, other.data)
        return Tensor(a @ b, ((self, lambda g: g @ b.T), (other, lambda g: a.T @ g)))

    def __radd__(self, number):
        return self + number

    def __rmul__(self, number):
        return self * number

    def sum(self):
        shape = self.data.shape
        return Tensor(self.data.sum(), ((self, lambda g: np.broadcast_to(g, shape)),))

    def relu(self):
        positive = self.data > 0
        return Tensor(
            np.where(positive, self.data, 0.0), ((self, lambda g: g * positive),)
        )

    def backward(self):
        if self.data.shape:
            raise ValueError(
                f"backward starts from a number, not from shape {self.data.shape}"
            )
        order, seen, waiting = ([], set(), [(self, False)])
        while waiting:
            tensor, done = waiting.pop()
            if done:
                order.append(tensor)
            elif tensor not in seen:
                seen.add(tensor)
                waiting.append((tensor, True))
                waiting += [(parent, False) for parent, _ in tensor.parents]
        for tensor in order:
            tensor.grad = np.zeros_like(tensor.data) if tensor.parents else tensor.grad
        self.grad = self.grad + 1.0
        for tensor in reversed(order):
            for parent, pull in tensor.parents:
                parent.grad = parent.grad + pull(tensor.grad)


# %% value | right | integers stay integers, and grad begins as 0
class Value:
    def __init__(self, data, parents=()):
        self.data = data
        self.grad = 0
        self.parents = parents

    def __add__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        return Value(self.data + other.data, ((self, 1.0), (other, 1.0)))

    def __mul__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        return Value(self.data * other.data, ((self, other.data), (other, self.data)))

    def __pow__(self, exponent):
        slope = exponent * self.data ** (exponent - 1) if exponent else 0.0
        return Value(self.data**exponent, ((self, slope),))

    def __neg__(self):
        return self * -1.0

    def __sub__(self, other):
        return self + -other

    def __truediv__(self, other):
        return self * other ** (-1.0)

    def __radd__(self, number):
        return self + number

    def __rmul__(self, number):
        return self * number

    def __rsub__(self, number):
        return -self + number

    def __rtruediv__(self, number):
        return self ** (-1.0) * number

    def exp(self):
        out = np.exp(self.data)
        return Value(out, ((self, out),))

    def tanh(self):
        out = np.tanh(self.data)
        return Value(out, ((self, 1.0 - out**2),))

    def relu(self):
        positive = self.data > 0
        return Value(self.data if positive else 0.0, ((self, float(positive)),))

    def backward(self):
        order, seen, waiting = ([], set(), [(self, False)])
        while waiting:
            value, done = waiting.pop()
            if done:
                order.append(value)
            elif value not in seen:
                seen.add(value)
                waiting.append((value, True))
                waiting += [(parent, False) for parent, _ in value.parents]
        for value in order:
            value.grad = 0.0 if value.parents else value.grad
        self.grad += 1.0
        for value in reversed(order):
            for parent, slope in value.parents:
                parent.grad += slope * value.grad


# %% two-layer-network | right | backward saves the dict of gradients
class TwoLayerNetwork:
    def __init__(self, input_dim, hidden_dim, output_dim, rng):
        self.layer1 = Linear(input_dim, hidden_dim, rng)
        self.relu = ReLU()
        self.layer2 = Linear(hidden_dim, output_dim, rng)
        self.loss_fn = MSELoss()

    def forward(self, x, target=None):
        prediction = self.layer2.forward(self.relu.forward(self.layer1.forward(x)))
        if target is None:
            return prediction
        return (prediction, self.loss_fn.forward(prediction, target))

    def backward(self):
        grad_a1 = self.layer2.backward(self.loss_fn.backward())
        grad_x = self.layer1.backward(self.relu.backward(grad_a1))
        first, second = (self.layer1, self.layer2)
        self.gradients = {
            "W1": first.grad_W,
            "b1": first.grad_b,
            "W2": second.grad_W,
            "b2": second.grad_b,
        }
        return grad_x

    def get_parameters(self):
        first, second = (self.layer1, self.layer2)
        return {"W1": first.W, "b1": first.b, "W2": second.W, "b2": second.b}

    def get_gradients(self):
        return self.gradients


# %% relu-layer | wrong | cuts off negative upstream gradients, and by the mask too
class ReLU:

    def forward(self, x):
        x = np.asarray(x, dtype=float)
        self.mask = x > 0
        return np.maximum(0.0, x)

    def backward(self, grad_output):
        return np.where(grad_output > 0, grad_output, 0.0) * self.mask


# %% two-layer-network | wrong | leaves ReLU out on the way back, in one line
class TwoLayerNetwork:

    def __init__(self, input_dim, hidden_dim, output_dim, rng):
        self.layer1 = Linear(input_dim, hidden_dim, rng)
        self.relu = ReLU()
        self.layer2 = Linear(hidden_dim, output_dim, rng)
        self.loss_fn = MSELoss()

    def forward(self, x, target=None):
        prediction = self.layer2.forward(self.relu.forward(self.layer1.forward(x)))
        if target is None:
            return prediction
        return prediction, self.loss_fn.forward(prediction, target)

    def backward(self):
        grad_prediction = self.loss_fn.backward()
        grad_hidden = self.layer2.backward(grad_prediction)
        return self.layer1.backward(grad_hidden)

    def get_parameters(self):
        return {"W1": self.layer1.W, "b1": self.layer1.b, "W2": self.layer2.W, "b2": self.layer2.b}

    def get_gradients(self):
        return {
            "W1": self.layer1.grad_W,
            "b1": self.layer1.grad_b,
            "W2": self.layer2.grad_W,
            "b2": self.layer2.grad_b,
        }


# %% value | wrong | adds 1 to the result without a reset
class Value:

    def __init__(self, data, parents=()):
        self.data = float(data)
        self.grad = 0.0
        self.parents = parents

    def __add__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        return Value(self.data + other.data, ((self, 1.0), (other, 1.0)))

    def __mul__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        return Value(self.data * other.data, ((self, other.data), (other, self.data)))

    def __pow__(self, exponent):
        slope = 0.0 if exponent == 0 else exponent * self.data ** (exponent - 1)
        return Value(self.data**exponent, ((self, slope),))

    def __neg__(self):
        return self * -1.0

    def __sub__(self, other):
        return self + other * -1.0

    def __truediv__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        return self * other**-1

    def __radd__(self, number):
        return self + number

    def __rmul__(self, number):
        return self * number

    def __rsub__(self, number):
        return number + (-self)

    def __rtruediv__(self, number):
        return number * self**-1

    def exp(self):
        e = np.exp(self.data)
        return Value(e, ((self, e),))

    def tanh(self):
        t = np.tanh(self.data)
        return Value(t, ((self, 1 - t * t),))

    def relu(self):
        return Value(max(0.0, self.data), ((self, 1.0 if self.data > 0 else 0.0),))

    def backward(self):
        topo, seen, todo = [], set(), [(self, False)]
        while todo:
            node, done = todo.pop()
            if done:
                topo.append(node)
                continue
            if id(node) in seen:
                continue
            seen.add(id(node))
            todo.append((node, True))
            for parent, _ in node.parents:
                todo.append((parent, False))
        for node in topo[:-1]:
            if node.parents:
                node.grad = 0.0
        self.grad += 1.0
        for node in topo[::-1]:
            for parent, slope in node.parents:
                parent.grad += node.grad * slope


# %% passes-needed | wrong | a table with both modes the wrong way round
def passes_needed(n_inputs, n_outputs, mode):
    passes = {"forward": n_outputs, "reverse": n_inputs}
    if mode not in passes:
        raise ValueError(f"unknown mode: {mode!r}")
    return passes[mode]


# %% forgets-hunt | wrong | copies the buffer before the batch is in it
def collected_gradient(batches, grad_outputs):
    buffer, remembered = np.zeros_like(batches[0]), []
    for x in batches:
        remembered.append(buffer.copy())  # what its backward will need
        buffer[...] = x  # the batch that runs forward now
    return sum(g @ x.T for g, x in zip(grad_outputs, remembered, strict=True))


def counterexample_3():
    first, second = np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([[5.0, 6.0], [7.0, 8.0]])
    return [first, second], [np.ones((1, 2)), np.full((1, 2), 2.0)]
