"""Right and wrong answers to chapter 5; see `autograder.course.answers` for the format."""


# %% softmax-backward | wrong | only the diagonal of the Jacobian
def softmax_backward(grad_output, weights):
    return grad_output * weights * (1 - weights)


# %% softmax-backward | wrong | the factor in front of the bracket is missing
def softmax_backward(grad_output, weights):
    return grad_output - np.sum(grad_output * weights, axis=-1, keepdims=True)


# %% softmax-backward | wrong | the sum runs over all axes
def softmax_backward(grad_output, weights):
    return weights * (grad_output - np.sum(grad_output * weights))


# %% softmax-backward | wrong | the sum runs over the first axis
def softmax_backward(grad_output, weights):
    return weights * (grad_output - np.sum(grad_output * weights, axis=0))


# %% softmax-backward | wrong | the average is not weighted
def softmax_backward(grad_output, weights):
    return weights * (grad_output - grad_output.mean(axis=-1, keepdims=True))


# %% softmax-backward | wrong | takes the weights for scores
def softmax_backward(grad_output, weights):
    s = np.exp(weights) / np.exp(weights).sum(axis=-1, keepdims=True)
    return s * (grad_output - np.sum(grad_output * s, axis=-1, keepdims=True))


# %% softmax-backward | wrong | no keepdims
def softmax_backward(grad_output, weights):
    return weights * (grad_output - np.sum(grad_output * weights, axis=-1))


# %% softmax-backward | wrong | builds the Jacobian, which does not fit
def softmax_backward(grad_output, weights):
    n = weights.shape[-1]
    if n > 5000:
        raise MemoryError("the Jacobian does not fit")
    J = weights[..., :, None] * (np.eye(n) - weights[..., None, :])
    return np.einsum("...i,...ij->...j", grad_output, J)


# %% softmax-backward | wrong | everything becomes float64
def softmax_backward(grad_output, weights):
    g, s = np.array(grad_output, dtype=float), np.array(weights, dtype=float)
    return s * (g - (g * s).sum(axis=-1, keepdims=True))


# %% softmax-backward | wrong | works in place
def softmax_backward(grad_output, weights):
    grad_output -= np.sum(grad_output * weights, axis=-1, keepdims=True)
    return weights * grad_output


# %% softmax-backward | wrong | trap: softmax_backward does not exist, so the product with the weights
def softmax_backward(grad_output, weights):
    return grad_output * weights


# %% softmax-backward | right | by einsum
def softmax_backward(grad_output, weights):
    weights = weights * 1.0
    dots = np.einsum("...i,...i->...", grad_output, weights)
    return grad_output * weights - dots[..., None] * weights


# %% softmax-backward | right | row by row
def softmax_backward(grad_output, weights):
    weights = np.asarray(weights) * 1.0
    grad = np.empty(
        np.broadcast(grad_output, weights).shape, dtype=np.result_type(grad_output, weights)
    )
    for place in np.ndindex(weights.shape[:-1]):
        grad[place] = weights[place] * (grad_output[place] - grad_output[place] @ weights[place])
    return grad


# %% softmax-backward | right | the last axis moved to the front
def softmax_backward(grad_output, weights):
    G, s = np.moveaxis(grad_output * 1.0, -1, 0), np.moveaxis(weights * 1.0, -1, 0)
    product = G * s
    return np.moveaxis(product - s * product.sum(axis=0), 0, -1)


# %% cross-entropy-loss | wrong | not divided by the batch
def cross_entropy(logits, targets):
    logits, targets = np.asarray(logits, dtype=float), np.asarray(targets)
    t = np.eye(logits.shape[1])[targets] if targets.ndim == 1 else targets
    z = logits - logits.max(axis=1, keepdims=True)
    log_s = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    return -np.sum(t * log_s), np.exp(log_s) - t


# %% cross-entropy-loss | wrong | the gradient is not divided by the batch
def cross_entropy(logits, targets):
    logits, targets = np.asarray(logits, dtype=float), np.asarray(targets)
    t = np.eye(logits.shape[1])[targets] if targets.ndim == 1 else targets
    z = logits - logits.max(axis=1, keepdims=True)
    log_s = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    return -np.sum(t * log_s) / len(t), np.exp(log_s) - t


# %% cross-entropy-loss | wrong | the mean over all entries
def cross_entropy(logits, targets):
    logits, targets = np.asarray(logits, dtype=float), np.asarray(targets)
    t = np.eye(logits.shape[1])[targets] if targets.ndim == 1 else targets
    z = logits - logits.max(axis=1, keepdims=True)
    log_s = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    return -np.mean(t * log_s), (np.exp(log_s) - t) / t.size


# %% cross-entropy-loss | wrong | the log of a softmax that may be 0
def cross_entropy(logits, targets):
    logits, targets = np.asarray(logits, dtype=float), np.asarray(targets)
    t = np.eye(logits.shape[1])[targets] if targets.ndim == 1 else targets
    z = np.exp(logits - logits.max(axis=1, keepdims=True))
    s = z / z.sum(axis=1, keepdims=True)
    return -np.sum(t * np.log(s + 1e-10)) / len(t), (s - t) / len(t)


# %% cross-entropy-loss | wrong | exp overflows
def cross_entropy(logits, targets):
    logits, targets = np.asarray(logits, dtype=float), np.asarray(targets)
    t = np.eye(logits.shape[1])[targets] if targets.ndim == 1 else targets
    log_s = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
    return -np.sum(t * log_s) / len(t), (np.exp(log_s) - t) / len(t)


# %% cross-entropy-loss | wrong | the largest logit of the whole batch is subtracted
def cross_entropy(logits, targets):
    logits, targets = np.asarray(logits, dtype=float), np.asarray(targets)
    t = np.eye(logits.shape[1])[targets] if targets.ndim == 1 else targets
    z = logits - logits.max()
    with np.errstate(all="ignore"):
        log_s = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    return -np.sum(t * log_s) / len(t), (np.exp(log_s) - t) / len(t)


# %% cross-entropy-loss | wrong | knows integer targets only
def cross_entropy(logits, targets):
    logits = np.asarray(logits, dtype=float)
    z = logits - logits.max(axis=1, keepdims=True)
    log_s = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    rows = np.arange(len(logits))
    grad = np.exp(log_s)
    loss = -log_s[rows, targets].mean()
    grad[rows, targets] -= 1
    return loss, grad / len(logits)


# %% cross-entropy-loss | wrong | knows probabilities only
def cross_entropy(logits, targets):
    logits = np.asarray(logits, dtype=float)
    z = logits - logits.max(axis=1, keepdims=True)
    log_s = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    return -np.sum(targets * log_s) / len(logits), (np.exp(log_s) - targets) / len(logits)


# %% cross-entropy-loss | wrong | tells integers from rows by dtype
def cross_entropy(logits, targets):
    logits, targets = np.asarray(logits, dtype=float), np.asarray(targets)
    t = np.eye(logits.shape[1])[targets] if targets.dtype.kind == "i" else targets
    z = logits - logits.max(axis=1, keepdims=True)
    log_s = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    return -np.sum(t * log_s) / len(t), (np.exp(log_s) - t) / len(t)


# %% cross-entropy-loss | wrong | returns the loss alone
def cross_entropy(logits, targets):
    logits, targets = np.asarray(logits, dtype=float), np.asarray(targets)
    t = np.eye(logits.shape[1])[targets] if targets.ndim == 1 else targets
    z = logits - logits.max(axis=1, keepdims=True)
    log_s = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    return -np.sum(t * log_s) / len(t)


# %% cross-entropy-loss | right | logaddexp, one row at a time
def cross_entropy(logits, targets):
    logits, targets = np.asarray(logits, dtype=float), np.asarray(targets)
    B, n = logits.shape
    if targets.ndim == 1:
        one_hot = np.zeros((B, n))
        one_hot[np.arange(B), targets] = 1
        targets = one_hot
    losses, grads = [], []
    for row, wish in zip(logits, targets):
        log_s = row - np.logaddexp.reduce(row)
        losses.append(-np.dot(wish, log_s))
        grads.append(np.exp(log_s) - wish)
    return np.mean(losses), np.array(grads) / B


# %% cross-entropy-loss | right | returns a list, and a loop over examples
def cross_entropy(logits, targets):
    total, rows = 0.0, []
    for row, target in zip(logits, targets):
        row = row - max(row)
        log_s = row - np.log(np.exp(row).sum())
        if np.ndim(target) == 0:
            one_hot = np.zeros(len(row))
            one_hot[target] = 1.0
            target = one_hot
        total += -np.dot(target, log_s)
        rows.append((np.exp(log_s) - target) / len(logits))
    return [total / len(logits), rows]


# %% cross-entropy-loss | right | put_along_axis, nan-safe product
def cross_entropy(logits, targets):
    logits = np.array(logits, dtype=float)
    if np.asarray(targets).ndim == 1:
        t = np.zeros_like(logits)
        np.put_along_axis(t, np.asarray(targets)[:, None], 1.0, axis=1)
    else:
        t = np.asarray(targets, dtype=float)
    log_s = logits - np.logaddexp.reduce(logits, axis=1)[:, None]
    return float(np.mean(-(t * log_s).sum(axis=1))), (np.exp(log_s) - t) / logits.shape[0]


# %% cross-entropy-loss | wrong | the gradient of integers' one-hot rows only, by fancy indexing
def cross_entropy(logits, targets):
    B = len(logits)
    z = logits - logits.max(axis=1, keepdims=True)
    log_s = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    labels = targets if np.ndim(targets) == 1 else targets.argmax(axis=1)
    grad = np.exp(log_s)
    grad[np.arange(B), labels] -= 1
    return -log_s[np.arange(B), labels].mean(), grad / B


# %% cross-entropy-loss | wrong | the sign of the gradient is flipped
def cross_entropy(logits, targets):
    t = np.eye(logits.shape[1])[targets] if np.ndim(targets) == 1 else targets
    z = logits - logits.max(axis=1, keepdims=True)
    log_s = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    return -np.sum(t * log_s) / len(t), (t - np.exp(log_s)) / len(t)


# %% conv2d-forward | wrong | the kernel is flipped
def conv2d_forward(x, kernel, bias, stride=1, padding=0):
    p = np.pad(x, ((0, 0), (0, 0), (padding,) * 2, (padding,) * 2))
    w = np.lib.stride_tricks.sliding_window_view(p, kernel.shape[2:], axis=(2, 3))
    w = w[:, :, ::stride, ::stride]
    out = np.einsum("bcijuv,ocuv->boij", w, kernel[:, :, ::-1, ::-1]) + bias[:, None, None]
    return out, (x, kernel, stride, padding)


# %% conv2d-forward | wrong | the bias is missing
def conv2d_forward(x, kernel, bias, stride=1, padding=0):
    p = np.pad(x, ((0, 0), (0, 0), (padding,) * 2, (padding,) * 2))
    w = np.lib.stride_tricks.sliding_window_view(p, kernel.shape[2:], axis=(2, 3))
    out = np.einsum("bcijuv,ocuv->boij", w[:, :, ::stride, ::stride], kernel) * 1.0
    return out, (x, kernel, stride, padding)


# %% conv2d-forward | wrong | trap: no stride, no padding, no bias
def conv2d_forward(x, kernel, bias, stride=1, padding=0):
    w = np.lib.stride_tricks.sliding_window_view(x, kernel.shape[2:], axis=(2, 3))
    return np.einsum("bcijuv,ocuv->boij", w, kernel), (x, kernel, stride, padding)


# %% conv2d-forward | wrong | the bias is added once for each window pixel
def conv2d_forward(x, kernel, bias, stride=1, padding=0):
    p = np.pad(x, ((0, 0), (0, 0), (padding,) * 2, (padding,) * 2))
    w = np.lib.stride_tricks.sliding_window_view(p, kernel.shape[2:], axis=(2, 3))
    out = np.einsum("bcijuv,ocuv->boij", w[:, :, ::stride, ::stride], kernel)
    count = kernel[0, 0].size
    return out + count * bias[:, None, None], (x, kernel, stride, padding)


# %% conv2d-forward | wrong | the window begins at i instead of stride * i
def conv2d_forward(x, kernel, bias, stride=1, padding=0):
    p = np.pad(x, ((0, 0), (0, 0), (padding,) * 2, (padding,) * 2))
    kh, kw = kernel.shape[2:]
    H, W = (p.shape[2] - kh) // stride + 1, (p.shape[3] - kw) // stride + 1
    out = np.zeros((len(x), len(kernel), H, W))
    for i in range(H):
        for j in range(W):
            out[:, :, i, j] = (
                np.einsum("bcuv,ocuv->bo", p[:, :, i : i + kh, j : j + kw], kernel) + bias
            )
    return out, (x, kernel, stride, padding)


# %% conv2d-forward | wrong | height and width of the kernel are swapped
def conv2d_forward(x, kernel, bias, stride=1, padding=0):
    kernel_t = kernel.swapaxes(2, 3)
    p = np.pad(x, ((0, 0), (0, 0), (padding,) * 2, (padding,) * 2))
    w = np.lib.stride_tricks.sliding_window_view(p, kernel_t.shape[2:], axis=(2, 3))
    out = np.einsum("bcijuv,ocuv->boij", w[:, :, ::stride, ::stride], kernel_t)
    return out + bias[:, None, None], (x, kernel, stride, padding)


# %% conv2d-forward | wrong | the batch axis is padded too
def conv2d_forward(x, kernel, bias, stride=1, padding=0):
    p = np.pad(x, padding)
    w = np.lib.stride_tricks.sliding_window_view(p, kernel.shape[2:], axis=(2, 3))
    w = w[:, : kernel.shape[1], ::stride, ::stride]
    out = np.einsum("bcijuv,ocuv->boij", w, kernel) + bias[:, None, None]
    return out, (x, kernel, stride, padding)


# %% conv2d-forward | wrong | padding on one side only
def conv2d_forward(x, kernel, bias, stride=1, padding=0):
    p = np.pad(x, ((0, 0), (0, 0), (padding, 0), (padding, 0)))
    w = np.lib.stride_tricks.sliding_window_view(p, kernel.shape[2:], axis=(2, 3))
    out = np.einsum("bcijuv,ocuv->boij", w[:, :, ::stride, ::stride], kernel)
    return out + bias[:, None, None], (x, kernel, stride, padding)


# %% conv2d-forward | wrong | the cache holds the padded input
def conv2d_forward(x, kernel, bias, stride=1, padding=0):
    p = np.pad(x, ((0, 0), (0, 0), (padding,) * 2, (padding,) * 2))
    w = np.lib.stride_tricks.sliding_window_view(p, kernel.shape[2:], axis=(2, 3))
    out = np.einsum("bcijuv,ocuv->boij", w[:, :, ::stride, ::stride], kernel)
    return out + bias[:, None, None], (p, kernel, stride, padding)


# %% conv2d-forward | wrong | the output array has the dtype of x
def conv2d_forward(x, kernel, bias, stride=1, padding=0):
    p = np.pad(x, ((0, 0), (0, 0), (padding,) * 2, (padding,) * 2))
    w = np.lib.stride_tricks.sliding_window_view(p, kernel.shape[2:], axis=(2, 3))
    out = np.einsum("bcijuv,ocuv->boij", w[:, :, ::stride, ::stride], kernel)
    return (out + bias[:, None, None]).astype(x.dtype), (x, kernel, stride, padding)


# %% conv2d-forward | wrong | only the first input channel
def conv2d_forward(x, kernel, bias, stride=1, padding=0):
    p = np.pad(x, ((0, 0), (0, 0), (padding,) * 2, (padding,) * 2))
    w = np.lib.stride_tricks.sliding_window_view(p, kernel.shape[2:], axis=(2, 3))
    out = np.einsum("bijuv,ouv->boij", w[:, 0, ::stride, ::stride], kernel[:, 0])
    return out + bias[:, None, None], (x, kernel, stride, padding)


# %% conv2d-forward | right | shifted images, one for each place of the kernel
def conv2d_forward(x, kernel, bias, stride=1, padding=0):
    B, c, H, W = x.shape
    o, _, kh, kw = kernel.shape
    p = np.zeros((B, c, H + 2 * padding, W + 2 * padding))
    p[:, :, padding : padding + H, padding : padding + W] = x
    h, w = (p.shape[2] - kh) // stride + 1, (p.shape[3] - kw) // stride + 1
    out = np.tile(np.reshape(bias, (1, o, 1, 1)).astype(float), (B, 1, h, w))
    for u in range(kh):
        for v in range(kw):
            shifted = p[
                :, :, u : u + stride * (h - 1) + 1 : stride, v : v + stride * (w - 1) + 1 : stride
            ]
            out += np.einsum("bcij,oc->boij", shifted, kernel[:, :, u, v])
    return out, (x, kernel, stride, padding)


# %% conv2d-forward | right | five loops
def conv2d_forward(x, kernel, bias, stride=1, padding=0):
    p = np.pad(x, ((0, 0), (0, 0), (padding,) * 2, (padding,) * 2))
    o, _, kh, kw = kernel.shape
    h, w = (p.shape[2] - kh) // stride + 1, (p.shape[3] - kw) // stride + 1
    out = np.zeros((len(x), o, h, w))
    for b in range(len(x)):
        for f in range(o):
            for i in range(h):
                for j in range(w):
                    r, c = i * stride, j * stride
                    out[b, f, i, j] = (p[b, :, r : r + kh, c : c + kw] * kernel[f]).sum() + bias[f]
    return out, (x, kernel, stride, padding)


# %% conv2d-forward | right | one big matrix product, returns a list
def conv2d_forward(x, kernel, bias, stride=1, padding=0):
    B, c_in, H, W = x.shape
    c_out, _, kh, kw = kernel.shape
    big = np.zeros((B, c_in, H + 2 * padding, W + 2 * padding))
    big[:, :, padding : H + padding, padding : W + padding] = x
    columns = [
        big[:, :, i : i + kh, j : j + kw].reshape(B, -1)
        for i in range(0, big.shape[2] - kh + 1, stride)
        for j in range(0, big.shape[3] - kw + 1, stride)
    ]
    out = np.array(columns) @ kernel.reshape(c_out, -1).T + bias
    height = (big.shape[2] - kh) // stride + 1
    return [np.moveaxis(out, 0, -1).reshape(B, c_out, height, -1), [x, kernel, stride, padding]]


# %% conv2d-forward | right | by the Fourier transform
def conv2d_forward(x, kernel, bias, stride=1, padding=0):
    x_pad = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    size = x_pad.shape[2:]
    X, K = np.fft.rfft2(x_pad), np.fft.rfft2(kernel, s=size)
    whole = np.fft.irfft2(np.einsum("bchw,ochw->bohw", X, K.conj()), s=size)
    kh, kw = kernel.shape[2:]
    out = whole[:, :, : size[0] - kh + 1 : stride, : size[1] - kw + 1 : stride]
    return out + bias.reshape(-1, 1, 1), (x, kernel, stride, padding)


# %% conv2d-backward | wrong | trap: grad_kernel as (c_in, c_out, kh, kw)
def conv2d_backward(grad_output, cache):
    x, kernel, s, p = cache
    H, W = x.shape[2:]
    xp = np.pad(x, ((0, 0), (0, 0), (p, p), (p, p)))
    kh, kw = kernel.shape[2:]
    grad_x, grad_k = np.zeros(xp.shape), np.zeros((kernel.shape[1], kernel.shape[0], kh, kw))
    for i in range(grad_output.shape[2]):
        for j in range(grad_output.shape[3]):
            at = np.s_[:, :, s * i : s * i + kh, s * j : s * j + kw]
            grad_k += np.einsum("bo,bcuv->couv", grad_output[:, :, i, j], xp[at])
            grad_x[at] += np.einsum("bo,ocuv->bcuv", grad_output[:, :, i, j], kernel)
    return grad_x[:, :, p : p + H, p : p + W], grad_k, grad_output.sum(axis=(0, 2, 3))


# %% conv2d-backward | wrong | trap: knows no stride
def conv2d_backward(grad_output, cache):
    x, kernel, s, p = cache
    H, W = x.shape[2:]
    xp = np.pad(x, ((0, 0), (0, 0), (p, p), (p, p)))
    kh, kw = kernel.shape[2:]
    grad_x, grad_k = np.zeros(xp.shape), np.zeros(kernel.shape)
    for i in range(grad_output.shape[2]):
        for j in range(grad_output.shape[3]):
            at = np.s_[:, :, i : i + kh, j : j + kw]
            grad_k += np.einsum("bo,bcuv->ocuv", grad_output[:, :, i, j], xp[at])
            grad_x[at] += np.einsum("bo,ocuv->bcuv", grad_output[:, :, i, j], kernel)
    return grad_x[:, :, p : p + H, p : p + W], grad_k, grad_output.sum(axis=(0, 2, 3))


# %% conv2d-backward | wrong | trap: knows no padding
def conv2d_backward(grad_output, cache):
    x, kernel, s, p = cache
    kh, kw = kernel.shape[2:]
    h, w = (x.shape[2] - kh) // s + 1, (x.shape[3] - kw) // s + 1
    grad_x, grad_k = np.zeros(x.shape), np.zeros(kernel.shape)
    for i in range(h):
        for j in range(w):
            at = np.s_[:, :, s * i : s * i + kh, s * j : s * j + kw]
            grad_k += np.einsum("bo,bcuv->ocuv", grad_output[:, :, i, j], x[at])
            grad_x[at] += np.einsum("bo,ocuv->bcuv", grad_output[:, :, i, j], kernel)
    return grad_x, grad_k, grad_output.sum(axis=(0, 2, 3))


# %% conv2d-backward | wrong | trap: no gradient with respect to the bias
def conv2d_backward(grad_output, cache):
    x, kernel, s, p = cache
    H, W = x.shape[2:]
    xp = np.pad(x, ((0, 0), (0, 0), (p, p), (p, p)))
    kh, kw = kernel.shape[2:]
    grad_x, grad_k = np.zeros(xp.shape), np.zeros(kernel.shape)
    for i in range(grad_output.shape[2]):
        for j in range(grad_output.shape[3]):
            at = np.s_[:, :, s * i : s * i + kh, s * j : s * j + kw]
            grad_k += np.einsum("bo,bcuv->ocuv", grad_output[:, :, i, j], xp[at])
            grad_x[at] += np.einsum("bo,ocuv->bcuv", grad_output[:, :, i, j], kernel)
    return grad_x[:, :, p : p + H, p : p + W], grad_k


# %% conv2d-backward | wrong | windows overwrite each other
def conv2d_backward(grad_output, cache):
    x, kernel, s, p = cache
    H, W = x.shape[2:]
    xp = np.pad(x, ((0, 0), (0, 0), (p, p), (p, p)))
    kh, kw = kernel.shape[2:]
    grad_x, grad_k = np.zeros(xp.shape), np.zeros(kernel.shape)
    for i in range(grad_output.shape[2]):
        for j in range(grad_output.shape[3]):
            at = np.s_[:, :, s * i : s * i + kh, s * j : s * j + kw]
            grad_k += np.einsum("bo,bcuv->ocuv", grad_output[:, :, i, j], xp[at])
            grad_x[at] = np.einsum("bo,ocuv->bcuv", grad_output[:, :, i, j], kernel)
    return grad_x[:, :, p : p + H, p : p + W], grad_k, grad_output.sum(axis=(0, 2, 3))


# %% conv2d-backward | wrong | the kernel is flipped on the way back
def conv2d_backward(grad_output, cache):
    x, kernel, s, p = cache
    H, W = x.shape[2:]
    xp = np.pad(x, ((0, 0), (0, 0), (p, p), (p, p)))
    kh, kw = kernel.shape[2:]
    grad_x, grad_k = np.zeros(xp.shape), np.zeros(kernel.shape)
    for i in range(grad_output.shape[2]):
        for j in range(grad_output.shape[3]):
            at = np.s_[:, :, s * i : s * i + kh, s * j : s * j + kw]
            grad_k += np.einsum("bo,bcuv->ocuv", grad_output[:, :, i, j], xp[at])
            grad_x[at] += np.einsum(
                "bo,ocuv->bcuv", grad_output[:, :, i, j], kernel[:, :, ::-1, ::-1]
            )
    return grad_x[:, :, p : p + H, p : p + W], grad_k, grad_output.sum(axis=(0, 2, 3))


# %% conv2d-backward | wrong | the ring of padding is not cut off
def conv2d_backward(grad_output, cache):
    x, kernel, s, p = cache
    xp = np.pad(x, ((0, 0), (0, 0), (p, p), (p, p)))
    kh, kw = kernel.shape[2:]
    grad_x, grad_k = np.zeros(xp.shape), np.zeros(kernel.shape)
    for i in range(grad_output.shape[2]):
        for j in range(grad_output.shape[3]):
            at = np.s_[:, :, s * i : s * i + kh, s * j : s * j + kw]
            grad_k += np.einsum("bo,bcuv->ocuv", grad_output[:, :, i, j], xp[at])
            grad_x[at] += np.einsum("bo,ocuv->bcuv", grad_output[:, :, i, j], kernel)
    return grad_x, grad_k, grad_output.sum(axis=(0, 2, 3))


# %% conv2d-backward | wrong | [padding:-padding] with padding 0
def conv2d_backward(grad_output, cache):
    x, kernel, s, p = cache
    xp = np.pad(x, ((0, 0), (0, 0), (p, p), (p, p)))
    kh, kw = kernel.shape[2:]
    grad_x, grad_k = np.zeros(xp.shape), np.zeros(kernel.shape)
    for i in range(grad_output.shape[2]):
        for j in range(grad_output.shape[3]):
            at = np.s_[:, :, s * i : s * i + kh, s * j : s * j + kw]
            grad_k += np.einsum("bo,bcuv->ocuv", grad_output[:, :, i, j], xp[at])
            grad_x[at] += np.einsum("bo,ocuv->bcuv", grad_output[:, :, i, j], kernel)
    return grad_x[:, :, p:-p, p:-p], grad_k, grad_output.sum(axis=(0, 2, 3))


# %% conv2d-backward | wrong | grad_x without its remainder
def conv2d_backward(grad_output, cache):
    x, kernel, s, p = cache
    xp = np.pad(x, ((0, 0), (0, 0), (p, p), (p, p)))
    kh, kw = kernel.shape[2:]
    h, w = grad_output.shape[2:]
    seen = (*x.shape[:2], s * (h - 1) + kh, s * (w - 1) + kw)
    grad_x, grad_k = np.zeros(seen), np.zeros(kernel.shape)
    for i in range(h):
        for j in range(w):
            at = np.s_[:, :, s * i : s * i + kh, s * j : s * j + kw]
            grad_k += np.einsum("bo,bcuv->ocuv", grad_output[:, :, i, j], xp[at])
            grad_x[at] += np.einsum("bo,ocuv->bcuv", grad_output[:, :, i, j], kernel)
    return grad_x[:, :, p:][:, :, :, p:], grad_k, grad_output.sum(axis=(0, 2, 3))


# %% conv2d-backward | wrong | the bias gradient is not summed over the batch
def conv2d_backward(grad_output, cache):
    x, kernel, s, p = cache
    H, W = x.shape[2:]
    xp = np.pad(x, ((0, 0), (0, 0), (p, p), (p, p)))
    kh, kw = kernel.shape[2:]
    grad_x, grad_k = np.zeros(xp.shape), np.zeros(kernel.shape)
    for i in range(grad_output.shape[2]):
        for j in range(grad_output.shape[3]):
            at = np.s_[:, :, s * i : s * i + kh, s * j : s * j + kw]
            grad_k += np.einsum("bo,bcuv->ocuv", grad_output[:, :, i, j], xp[at])
            grad_x[at] += np.einsum("bo,ocuv->bcuv", grad_output[:, :, i, j], kernel)
    return grad_x[:, :, p : p + H, p : p + W], grad_k, grad_output.sum(axis=(2, 3))


# %% conv2d-backward | wrong | divided by the batch
def conv2d_backward(grad_output, cache):
    x, kernel, s, p = cache
    H, W = x.shape[2:]
    xp = np.pad(x, ((0, 0), (0, 0), (p, p), (p, p)))
    kh, kw = kernel.shape[2:]
    grad_x, grad_k = np.zeros(xp.shape), np.zeros(kernel.shape)
    for i in range(grad_output.shape[2]):
        for j in range(grad_output.shape[3]):
            at = np.s_[:, :, s * i : s * i + kh, s * j : s * j + kw]
            grad_k += np.einsum("bo,bcuv->ocuv", grad_output[:, :, i, j], xp[at]) / len(x)
            grad_x[at] += np.einsum("bo,ocuv->bcuv", grad_output[:, :, i, j], kernel)
    grad_b = grad_output.sum(axis=(2, 3)).mean(axis=0)
    return grad_x[:, :, p : p + H, p : p + W], grad_k, grad_b


# %% conv2d-backward | right | by sliding windows and a flipped kernel over the dilated gradient
def conv2d_backward(grad_output, cache):
    x, kernel, s, p = cache
    B, c, H, W = x.shape
    o, _, kh, kw = kernel.shape
    h, w = grad_output.shape[2:]
    windows = np.lib.stride_tricks.sliding_window_view
    seen = windows(np.pad(x, ((0, 0), (0, 0), (p, p), (p, p))), (kh, kw), axis=(2, 3))
    grad_k = np.einsum("boij,bcijuv->ocuv", grad_output, seen[:, :, ::s, ::s])
    wide = np.zeros((B, o, H + 2 * p + kh - 1, W + 2 * p + kw - 1))
    wide[:, :, kh - 1 : kh - 1 + s * h : s, kw - 1 : kw - 1 + s * w : s][:, :, :h, :w] = grad_output
    full = np.einsum(
        "boijuv,ocuv->bcij", windows(wide, (kh, kw), axis=(2, 3)), kernel[:, :, ::-1, ::-1]
    )
    return full[:, :, p : p + H, p : p + W], grad_k, np.einsum("boij->o", grad_output)


# %% conv2d-backward | right | seven loops, returns a list
def conv2d_backward(grad_output, cache):
    x, kernel, stride, padding = cache
    B, c_in, H, W = x.shape
    grad_x, grad_kernel = np.zeros(x.shape), np.zeros(kernel.shape)
    for b, o, i, j in np.ndindex(grad_output.shape):
        for c, u, v in np.ndindex(kernel.shape[1:]):
            m, n = stride * i + u - padding, stride * j + v - padding
            if 0 <= m < H and 0 <= n < W:
                grad_kernel[o, c, u, v] += grad_output[b, o, i, j] * x[b, c, m, n]
                grad_x[b, c, m, n] += grad_output[b, o, i, j] * kernel[o, c, u, v]
    return [grad_x, grad_kernel, np.einsum("boij->o", grad_output)]


# %% conv2d-backward | right | by the Fourier transform
def conv2d_backward(grad_output, cache):
    x, kernel, stride, padding = cache
    x_pad = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    size, (kh, kw) = x_pad.shape[2:], kernel.shape[2:]
    up = np.zeros((*grad_output.shape[:2], size[0] - kh + 1, size[1] - kw + 1))
    up[:, :, ::stride, ::stride] = grad_output
    X, K, G = np.fft.rfft2(x_pad), np.fft.rfft2(kernel, s=size), np.fft.rfft2(up, s=size)
    grad_x = np.fft.irfft2(np.einsum("bohw,ochw->bchw", G, K), s=size)
    grad_kernel = np.fft.irfft2(np.einsum("bohw,bchw->ochw", G.conj(), X), s=size)[:, :, :kh, :kw]
    grad_x = grad_x[:, :, padding : padding + x.shape[2], padding : padding + x.shape[3]]
    return grad_x, grad_kernel, grad_output.sum(axis=(0, 2, 3))


# %% conv2d-backward | right | the forward pass is a matrix: its transpose sends back
def conv2d_backward(grad_output, cache):
    x, kernel, stride, padding = cache
    n = x[0].size
    units = np.eye(n).reshape(n, *x.shape[1:])
    columns = conv2d_forward(units, kernel, np.zeros(len(kernel)), stride, padding)[0]
    grad_x = (grad_output.reshape(len(x), -1) @ columns.reshape(n, -1).T).reshape(x.shape)
    grad_kernel = np.zeros(kernel.shape)
    for place in np.ndindex(kernel.shape):
        one = np.zeros(kernel.shape)
        one[place] = 1.0
        grad_kernel[place] = np.sum(
            grad_output * conv2d_forward(x, one, np.zeros(len(kernel)), stride, padding)[0]
        )
    return grad_x, grad_kernel, grad_output.sum(axis=(0, 2, 3))


# %% conv2d-backward | wrong | zeros like an integer image
def conv2d_backward(grad_output, cache):
    x, kernel, stride, padding = cache
    kh, kw = kernel.shape[2:]
    x_pad = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    grad_x_pad, grad_kernel = np.zeros_like(x_pad), np.zeros_like(kernel)
    for i in range(grad_output.shape[2]):
        for j in range(grad_output.shape[3]):
            place = np.s_[:, :, stride * i : stride * i + kh, stride * j : stride * j + kw]
            G = grad_output[:, :, i, j]
            grad_kernel += np.einsum("bo,bcuv->ocuv", G, x_pad[place])
            grad_x_pad[place] += np.einsum("bo,ocuv->bcuv", G, kernel)
    grad_x = grad_x_pad[:, :, padding : padding + x.shape[2], padding : padding + x.shape[3]]
    return grad_x, grad_kernel, grad_output.sum(axis=(0, 2, 3))


# %% max-pool2d | wrong | ties share the gradient
def max_pool2d_forward(x, size, stride=None):
    s = stride or size
    w = np.lib.stride_tricks.sliding_window_view(x, (size, size), axis=(2, 3))[:, :, ::s, ::s]
    return w.max(axis=(-2, -1)) * 1.0, (x, size, s)


def max_pool2d_backward(grad_output, cache):
    x, size, s = cache
    grad = np.zeros(x.shape)
    for i in range(grad_output.shape[2]):
        for j in range(grad_output.shape[3]):
            at = np.s_[:, :, s * i : s * i + size, s * j : s * j + size]
            top = x[at] == x[at].max(axis=(2, 3), keepdims=True)
            grad[at] += (
                top / top.sum(axis=(2, 3), keepdims=True) * grad_output[:, :, i : i + 1, j : j + 1]
            )
    return grad


# %% max-pool2d | wrong | every tied pixel gets the whole gradient
def max_pool2d_forward(x, size, stride=None):
    s = stride or size
    w = np.lib.stride_tricks.sliding_window_view(x, (size, size), axis=(2, 3))[:, :, ::s, ::s]
    return w.max(axis=(-2, -1)) * 1.0, (x, size, s)


def max_pool2d_backward(grad_output, cache):
    x, size, s = cache
    grad = np.zeros(x.shape)
    for i in range(grad_output.shape[2]):
        for j in range(grad_output.shape[3]):
            at = np.s_[:, :, s * i : s * i + size, s * j : s * j + size]
            top = x[at] == x[at].max(axis=(2, 3), keepdims=True)
            grad[at] += top * grad_output[:, :, i : i + 1, j : j + 1]
    return grad


# %% max-pool2d | wrong | the last of the largest wins
def max_pool2d_forward(x, size, stride=None):
    s = stride or size
    w = np.lib.stride_tricks.sliding_window_view(x, (size, size), axis=(2, 3))[:, :, ::s, ::s]
    return w.max(axis=(-2, -1)) * 1.0, (x, size, s)


def max_pool2d_backward(grad_output, cache):
    x, size, s = cache
    B, C, h, w = grad_output.shape
    grad, n = np.zeros(x.shape), size * size
    for i in range(h):
        for j in range(w):
            at = np.s_[:, :, s * i : s * i + size, s * j : s * j + size]
            k = n - 1 - x[at].reshape(B, C, n)[..., ::-1].argmax(axis=-1)
            hit = (k[..., None] == np.arange(n)) * grad_output[:, :, i, j, None]
            grad[at] += hit.reshape(B, C, size, size)
    return grad


# %% max-pool2d | wrong | overlapping windows overwrite each other
def max_pool2d_forward(x, size, stride=None):
    s = stride or size
    w = np.lib.stride_tricks.sliding_window_view(x, (size, size), axis=(2, 3))[:, :, ::s, ::s]
    return w.max(axis=(-2, -1)) * 1.0, (x, size, s)


def max_pool2d_backward(grad_output, cache):
    x, size, s = cache
    B, C, h, w = grad_output.shape
    grad, n = np.zeros(x.shape), size * size
    for i in range(h):
        for j in range(w):
            at = np.s_[:, :, s * i : s * i + size, s * j : s * j + size]
            k = x[at].reshape(B, C, n).argmax(axis=-1)
            hit = (k[..., None] == np.arange(n)) * grad_output[:, :, i, j, None]
            grad[at] = hit.reshape(B, C, size, size)
    return grad


# %% max-pool2d | wrong | the stride is always the size
def max_pool2d_forward(x, size, stride=None):
    w = np.lib.stride_tricks.sliding_window_view(x, (size, size), axis=(2, 3))[:, :, ::size, ::size]
    return w.max(axis=(-2, -1)) * 1.0, (x, size, size)


def max_pool2d_backward(grad_output, cache):
    x, size, s = cache
    B, C, h, w = grad_output.shape
    grad, n = np.zeros(x.shape), size * size
    for i in range(h):
        for j in range(w):
            at = np.s_[:, :, s * i : s * i + size, s * j : s * j + size]
            k = x[at].reshape(B, C, n).argmax(axis=-1)
            hit = (k[..., None] == np.arange(n)) * grad_output[:, :, i, j, None]
            grad[at] += hit.reshape(B, C, size, size)
    return grad


# %% max-pool2d | wrong | zeros around the remainder
def max_pool2d_forward(x, size, stride=None):
    s = stride or size
    h, w = -(-(x.shape[2] - size) // s) + 1, -(-(x.shape[3] - size) // s) + 1
    p = np.zeros((*x.shape[:2], s * (h - 1) + size, s * (w - 1) + size))
    p[:, :, : x.shape[2], : x.shape[3]] = x
    v = np.lib.stride_tricks.sliding_window_view(p, (size, size), axis=(2, 3))[:, :, ::s, ::s]
    return v.max(axis=(-2, -1)), (x, size, s)


def max_pool2d_backward(grad_output, cache):
    x, size, s = cache
    B, C, h, w = grad_output.shape
    grad, n = np.zeros(x.shape), size * size
    for i in range(h):
        for j in range(w):
            at = np.s_[:, :, s * i : s * i + size, s * j : s * j + size]
            k = x[at].reshape(B, C, n).argmax(axis=-1)
            hit = (k[..., None] == np.arange(n)) * grad_output[:, :, i, j, None]
            grad[at] += hit.reshape(B, C, size, size)
    return grad


# %% max-pool2d | wrong | starts from 0, so negative pixels never win
def max_pool2d_forward(x, size, stride=None):
    s = stride or size
    h, w = (x.shape[2] - size) // s + 1, (x.shape[3] - size) // s + 1
    out = np.zeros((*x.shape[:2], h, w))
    for u in range(size):
        for v in range(size):
            out = np.maximum(out, x[:, :, u : u + s * h : s, v : v + s * w : s][:, :, :h, :w])
    return out, (x, size, s)


def max_pool2d_backward(grad_output, cache):
    x, size, s = cache
    B, C, h, w = grad_output.shape
    grad, n = np.zeros(x.shape), size * size
    for i in range(h):
        for j in range(w):
            at = np.s_[:, :, s * i : s * i + size, s * j : s * j + size]
            k = x[at].reshape(B, C, n).argmax(axis=-1)
            hit = (k[..., None] == np.arange(n)) * grad_output[:, :, i, j, None]
            grad[at] += hit.reshape(B, C, size, size)
    return grad


# %% max-pool2d | wrong | the mean instead of the maximum
def max_pool2d_forward(x, size, stride=None):
    s = stride or size
    w = np.lib.stride_tricks.sliding_window_view(x, (size, size), axis=(2, 3))[:, :, ::s, ::s]
    return w.mean(axis=(-2, -1)), (x, size, s)


def max_pool2d_backward(grad_output, cache):
    x, size, s = cache
    grad = np.zeros(x.shape)
    for i in range(grad_output.shape[2]):
        for j in range(grad_output.shape[3]):
            grad[:, :, s * i : s * i + size, s * j : s * j + size] += (
                grad_output[:, :, i : i + 1, j : j + 1] / size**2
            )
    return grad


# %% max-pool2d | right | one scatter by indices
def max_pool2d_forward(x, size, stride=None):
    s = size if stride is None else stride
    w = np.lib.stride_tricks.sliding_window_view(np.asarray(x, float), (size, size), axis=(2, 3))
    return w[:, :, ::s, ::s].max(axis=(4, 5)), (x, size, s)


def max_pool2d_backward(grad_output, cache):
    x, size, s = cache
    w = np.lib.stride_tricks.sliding_window_view(x, (size, size), axis=(2, 3))[:, :, ::s, ::s]
    k = np.argmax(w.reshape(*w.shape[:4], size * size), axis=4)
    b, c, i, j = np.indices(k.shape)
    grad = np.zeros(x.shape)
    np.add.at(grad, (b, c, i * s + k // size, j * s + k % size), grad_output)
    return grad


# %% max-pool2d | right | windows as one array, a list for the cache
def max_pool2d_forward(x, size, stride=None):
    stride = stride or size
    seen = np.lib.stride_tricks.sliding_window_view(x, (size, size), axis=(2, 3))
    return [seen[:, :, ::stride, ::stride].max(axis=(4, 5)).astype(np.float64), [x, size, stride]]


def max_pool2d_backward(grad_output, cache):
    x, size, stride = cache
    grad_x = 0.0 * x
    for b, c, i, j in np.ndindex(grad_output.shape):
        best, place = -np.inf, None
        for u in range(size):
            for v in range(size):
                if x[b, c, stride * i + u, stride * j + v] > best:
                    best, place = (
                        x[b, c, stride * i + u, stride * j + v],
                        (stride * i + u, stride * j + v),
                    )
        grad_x[(b, c, *place)] += grad_output[b, c, i, j]
    return grad_x


# %% batchnorm-forward | wrong | normalized by the unbiased variance
def batchnorm_forward(x, gamma, beta, running_mean, running_var, training, momentum=0.1, eps=1e-5):
    mean, var = running_mean, running_var
    if training:
        if len(x) < 2:
            raise ValueError("B = 1")
        mean, var = x.mean(axis=0), x.var(axis=0, ddof=1)
        running_mean = (1 - momentum) * running_mean + momentum * mean
        running_var = (1 - momentum) * running_var + momentum * var
    w = 1 / np.sqrt(var + eps)
    hat = (x - mean) * w
    return gamma * hat + beta, (hat, w, gamma, training), running_mean, running_var


# %% batchnorm-forward | wrong | trap: the biased variance only, for the running one too
def batchnorm_forward(x, gamma, beta, running_mean, running_var, training, momentum=0.1, eps=1e-5):
    mean, var = running_mean, running_var
    if training:
        if len(x) < 2:
            raise ValueError("B = 1")
        mean, var = x.mean(axis=0), x.var(axis=0)
        running_mean = (1 - momentum) * running_mean + momentum * mean
        running_var = (1 - momentum) * running_var + momentum * var
    w = 1 / np.sqrt(var + eps)
    hat = (x - mean) * w
    return gamma * hat + beta, (hat, w, gamma, training), running_mean, running_var


# %% batchnorm-forward | wrong | trap: training mode only
def batchnorm_forward(x, gamma, beta, running_mean, running_var, training, momentum=0.1, eps=1e-5):
    if len(x) < 2:
        raise ValueError("B = 1")
    mean, var = x.mean(axis=0), x.var(axis=0)
    running_mean = (1 - momentum) * running_mean + momentum * mean
    running_var = (1 - momentum) * running_var + momentum * x.var(axis=0, ddof=1)
    w = 1 / np.sqrt(var + eps)
    hat = (x - mean) * w
    return gamma * hat + beta, (hat, w, gamma, training), running_mean, running_var


# %% batchnorm-forward | wrong | momentum weighs the old statistics
def batchnorm_forward(x, gamma, beta, running_mean, running_var, training, momentum=0.1, eps=1e-5):
    mean, var = running_mean, running_var
    if training:
        if len(x) < 2:
            raise ValueError("B = 1")
        mean, var = x.mean(axis=0), x.var(axis=0)
        running_mean = momentum * running_mean + (1 - momentum) * mean
        running_var = momentum * running_var + (1 - momentum) * x.var(axis=0, ddof=1)
    w = 1 / np.sqrt(var + eps)
    hat = (x - mean) * w
    return gamma * hat + beta, (hat, w, gamma, training), running_mean, running_var


# %% batchnorm-forward | wrong | the running statistics are changed in place
def batchnorm_forward(x, gamma, beta, running_mean, running_var, training, momentum=0.1, eps=1e-5):
    mean, var = running_mean, running_var
    if training:
        if len(x) < 2:
            raise ValueError("B = 1")
        mean, var = x.mean(axis=0), x.var(axis=0)
        running_mean *= 1 - momentum
        running_mean += momentum * mean
        running_var *= 1 - momentum
        running_var += momentum * x.var(axis=0, ddof=1)
    w = 1 / np.sqrt(var + eps)
    hat = (x - mean) * w
    return gamma * hat + beta, (hat, w, gamma, training), running_mean, running_var


# %% batchnorm-forward | wrong | a batch of 1 passes
def batchnorm_forward(x, gamma, beta, running_mean, running_var, training, momentum=0.1, eps=1e-5):
    mean, var = running_mean, running_var
    if training:
        mean, var = x.mean(axis=0), x.var(axis=0)
        unbiased = x.var(axis=0, ddof=1) if len(x) > 1 else var
        running_mean = (1 - momentum) * running_mean + momentum * mean
        running_var = (1 - momentum) * running_var + momentum * unbiased
    w = 1 / np.sqrt(var + eps)
    hat = (x - mean) * w
    return gamma * hat + beta, (hat, w, gamma, training), running_mean, running_var


# %% batchnorm-forward | wrong | normalized along the rows
def batchnorm_forward(x, gamma, beta, running_mean, running_var, training, momentum=0.1, eps=1e-5):
    if not training:
        w = 1 / np.sqrt(running_var + eps)
        hat = (x - running_mean) * w
        return gamma * hat + beta, (hat, w, gamma, training), running_mean, running_var
    if len(x) < 2:
        raise ValueError("B = 1")
    w = 1 / np.sqrt(x.var(axis=1, keepdims=True) + eps)
    hat = (x - x.mean(axis=1, keepdims=True)) * w
    running_mean = (1 - momentum) * running_mean + momentum * x.mean(axis=0)
    running_var = (1 - momentum) * running_var + momentum * x.var(axis=0, ddof=1)
    return gamma * hat + beta, (hat, w, gamma, training), running_mean, running_var


# %% batchnorm-forward | wrong | eps is added outside the root
def batchnorm_forward(x, gamma, beta, running_mean, running_var, training, momentum=0.1, eps=1e-5):
    mean, var = running_mean, running_var
    if training:
        if len(x) < 2:
            raise ValueError("B = 1")
        mean, var = x.mean(axis=0), x.var(axis=0)
        running_mean = (1 - momentum) * running_mean + momentum * mean
        running_var = (1 - momentum) * running_var + momentum * x.var(axis=0, ddof=1)
    w = 1 / (np.sqrt(var) + eps)
    hat = (x - mean) * w
    return gamma * hat + beta, (hat, w, gamma, training), running_mean, running_var


# %% batchnorm-forward | wrong | evaluation moves the running statistics too
def batchnorm_forward(x, gamma, beta, running_mean, running_var, training, momentum=0.1, eps=1e-5):
    if training and len(x) < 2:
        raise ValueError("B = 1")
    mean, var = (x.mean(axis=0), x.var(axis=0)) if training else (running_mean, running_var)
    w = 1 / np.sqrt(var + eps)
    hat = (x - mean) * w
    if len(x) > 1:
        running_mean = (1 - momentum) * running_mean + momentum * x.mean(axis=0)
        running_var = (1 - momentum) * running_var + momentum * x.var(axis=0, ddof=1)
    return gamma * hat + beta, (hat, w, gamma, training), running_mean, running_var


# %% batchnorm-forward | right | moments by sums
def batchnorm_forward(x, gamma, beta, running_mean, running_var, training, momentum=0.1, eps=1e-5):
    new_mean, new_var = np.array(running_mean, float), np.array(running_var, float)
    if training:
        B = x.shape[0]
        if B == 1:
            raise ValueError("one example has no variance")
        m = np.sum(x, axis=0) / B
        squares = np.sum((x - m) ** 2, axis=0)
        inv_std = (squares / B + eps) ** -0.5
        new_mean += momentum * (m - new_mean)
        new_var += momentum * (squares / (B - 1) - new_var)
    else:
        m, inv_std = running_mean, (running_var + eps) ** -0.5
    x_hat = inv_std * (x - m)
    return x_hat * gamma + beta, (x_hat, inv_std, gamma, training), new_mean, new_var


# %% batchnorm-forward | right | lists, the running statistics by a step towards the batch
def batchnorm_forward(x, gamma, beta, running_mean, running_var, training, momentum=0.1, eps=1e-5):
    B = x.shape[0]
    if training and B < 2:
        raise ValueError
    if training:
        mean = np.einsum("bn->n", x) / B
        var = np.einsum("bn,bn->n", x - mean, x - mean) / B
        running_mean = running_mean + momentum * (mean - running_mean)
        running_var = running_var + momentum * (var * B / (B - 1) - running_var)
    else:
        mean, var = running_mean.copy(), running_var.copy()
    inv_std = (var + eps) ** -0.5
    x_hat = (x - mean) * inv_std
    return [x_hat * gamma + beta, [x_hat, inv_std, gamma, training], running_mean, running_var]


# %% batchnorm-forward | wrong | evaluation uses the new running statistics of the batch
def batchnorm_forward(x, gamma, beta, running_mean, running_var, training, momentum=0.1, eps=1e-5):
    if training and len(x) == 1:
        raise ValueError
    mean, var = x.mean(axis=0), x.var(axis=0)
    inv_std = 1 / np.sqrt(var + eps)
    x_hat = (x - mean) * inv_std
    if training:
        running_mean = (1 - momentum) * running_mean + momentum * mean
        running_var = (1 - momentum) * running_var + momentum * x.var(axis=0, ddof=1)
    return gamma * x_hat + beta, (x_hat, inv_std, gamma, training), running_mean, running_var


# %% batchnorm-backward-staged | wrong | the path through the variance is missing
def batchnorm_backward_staged(grad_output, x, gamma, eps=1e-5):
    B, c = len(x), x - x.mean(axis=0)
    d = np.sqrt((c**2).mean(axis=0) + eps)
    g = {"out": grad_output, "beta": grad_output.sum(axis=0)}
    g["gamma"] = (grad_output * c / d).sum(axis=0)
    g["x_hat"] = grad_output * gamma
    g["inv_std"] = (g["x_hat"] * c).sum(axis=0)
    g["std"] = -g["inv_std"] / d**2
    g["var"] = g["std"] / (2 * d)
    g["squared"] = np.ones_like(x) * g["var"] / B
    g["centered"] = g["x_hat"] / d
    g["mean"] = -g["centered"].sum(axis=0)
    g["x"] = g["centered"] + g["mean"] / B
    return g


# %% batchnorm-backward-staged | wrong | the path through the mean is missing
def batchnorm_backward_staged(grad_output, x, gamma, eps=1e-5):
    B, c = len(x), x - x.mean(axis=0)
    d = np.sqrt((c**2).mean(axis=0) + eps)
    g = {"out": grad_output, "beta": grad_output.sum(axis=0)}
    g["gamma"] = (grad_output * c / d).sum(axis=0)
    g["x_hat"] = grad_output * gamma
    g["inv_std"] = (g["x_hat"] * c).sum(axis=0)
    g["std"] = -g["inv_std"] / d**2
    g["var"] = g["std"] / (2 * d)
    g["squared"] = np.ones_like(x) * g["var"] / B
    g["centered"] = g["x_hat"] / d + g["squared"] * 2 * c
    g["mean"] = -g["centered"].sum(axis=0)
    g["x"] = g["centered"]
    return g


# %% batchnorm-backward-staged | wrong | the mean's gradient is not shared out over the batch
def batchnorm_backward_staged(grad_output, x, gamma, eps=1e-5):
    B, c = len(x), x - x.mean(axis=0)
    d = np.sqrt((c**2).mean(axis=0) + eps)
    g = {"out": grad_output, "beta": grad_output.sum(axis=0)}
    g["gamma"] = (grad_output * c / d).sum(axis=0)
    g["x_hat"] = grad_output * gamma
    g["inv_std"] = (g["x_hat"] * c).sum(axis=0)
    g["std"] = -g["inv_std"] / d**2
    g["var"] = g["std"] / (2 * d)
    g["squared"] = np.ones_like(x) * g["var"] / B
    g["centered"] = g["x_hat"] / d + g["squared"] * 2 * c
    g["mean"] = -g["centered"].sum(axis=0)
    g["x"] = g["centered"] + g["mean"]
    return g


# %% batchnorm-backward-staged | wrong | squared is not divided by the batch
def batchnorm_backward_staged(grad_output, x, gamma, eps=1e-5):
    B, c = len(x), x - x.mean(axis=0)
    d = np.sqrt((c**2).mean(axis=0) + eps)
    g = {"out": grad_output, "beta": grad_output.sum(axis=0)}
    g["gamma"] = (grad_output * c / d).sum(axis=0)
    g["x_hat"] = grad_output * gamma
    g["inv_std"] = (g["x_hat"] * c).sum(axis=0)
    g["std"] = -g["inv_std"] / d**2
    g["var"] = g["std"] / (2 * d)
    g["squared"] = np.ones_like(x) * g["var"]
    g["centered"] = g["x_hat"] / d + g["squared"] * 2 * c
    g["mean"] = -g["centered"].sum(axis=0)
    g["x"] = g["centered"] + g["mean"] / B
    return g


# %% batchnorm-backward-staged | wrong | shared nodes are not summed over the batch
def batchnorm_backward_staged(grad_output, x, gamma, eps=1e-5):
    B, c = len(x), x - x.mean(axis=0)
    d = np.sqrt((c**2).mean(axis=0) + eps)
    g = {"out": grad_output, "beta": grad_output, "gamma": grad_output * c / d}
    g["x_hat"] = grad_output * gamma
    g["inv_std"] = g["x_hat"] * c
    g["std"] = -g["inv_std"] / d**2
    g["var"] = g["std"] / (2 * d)
    g["squared"] = g["var"] / B
    g["centered"] = g["x_hat"] / d + g["squared"] * 2 * c
    g["mean"] = -g["centered"]
    g["x"] = g["centered"] + g["mean"] / B
    return g


# %% batchnorm-backward-staged | wrong | the root's slope without its 1/2
def batchnorm_backward_staged(grad_output, x, gamma, eps=1e-5):
    B, c = len(x), x - x.mean(axis=0)
    d = np.sqrt((c**2).mean(axis=0) + eps)
    g = {"out": grad_output, "beta": grad_output.sum(axis=0)}
    g["gamma"] = (grad_output * c / d).sum(axis=0)
    g["x_hat"] = grad_output * gamma
    g["inv_std"] = (g["x_hat"] * c).sum(axis=0)
    g["std"] = -g["inv_std"] / d**2
    g["var"] = g["std"] / d
    g["squared"] = np.ones_like(x) * g["var"] / B
    g["centered"] = g["x_hat"] / d + g["squared"] * 2 * c
    g["mean"] = -g["centered"].sum(axis=0)
    g["x"] = g["centered"] + g["mean"] / B
    return g


# %% batchnorm-backward-staged | wrong | gamma is forgotten on the way
def batchnorm_backward_staged(grad_output, x, gamma, eps=1e-5):
    B, c = len(x), x - x.mean(axis=0)
    d = np.sqrt((c**2).mean(axis=0) + eps)
    g = {"out": grad_output, "beta": grad_output.sum(axis=0)}
    g["gamma"] = (grad_output * c / d).sum(axis=0)
    g["x_hat"] = grad_output
    g["inv_std"] = (g["x_hat"] * c).sum(axis=0)
    g["std"] = -g["inv_std"] / d**2
    g["var"] = g["std"] / (2 * d)
    g["squared"] = np.ones_like(x) * g["var"] / B
    g["centered"] = g["x_hat"] / d + g["squared"] * 2 * c
    g["mean"] = -g["centered"].sum(axis=0)
    g["x"] = g["centered"] + g["mean"] / B
    return g


# %% batchnorm-backward-staged | wrong | trap: no gradient with respect to the inner nodes
def batchnorm_backward_staged(grad_output, x, gamma, eps=1e-5):
    B, c = len(x), x - x.mean(axis=0)
    var = x.var(axis=0)
    std = np.sqrt(var + eps)
    grad_x_hat = grad_output * gamma
    grad_var = np.sum(grad_x_hat * c * -0.5 * (var + eps) ** (-1.5), axis=0)
    grad_mean = np.sum(grad_x_hat * -1.0 / std, axis=0) + grad_var * np.mean(-2.0 * c, axis=0)
    grad_x = grad_x_hat / std + grad_var * 2.0 * c / B + grad_mean / B
    return {
        "x": grad_x,
        "gamma": np.sum(grad_output * c / std, axis=0),
        "var": grad_var,
        "mean": grad_mean,
        "beta": grad_output.sum(axis=0),
        "x_hat": grad_x_hat,
    }


# %% batchnorm-backward-staged | wrong | trap: the mean-of-deviations term is taken of x, where it is not 0
def batchnorm_backward_staged(grad_output, x, gamma, eps=1e-5):
    B, c = len(x), x - x.mean(axis=0)
    d = np.sqrt((c**2).mean(axis=0) + eps)
    g = {"out": grad_output, "beta": grad_output.sum(axis=0)}
    g["gamma"] = (grad_output * c / d).sum(axis=0)
    g["x_hat"] = grad_output * gamma
    g["inv_std"] = (g["x_hat"] * c).sum(axis=0)
    g["std"] = -g["inv_std"] / d**2
    g["var"] = g["std"] / (2 * d)
    g["squared"] = np.ones_like(x) * g["var"] / B
    g["centered"] = g["x_hat"] / d + g["squared"] * 2 * c
    g["mean"] = -(g["x_hat"] / d).sum(axis=0) + g["var"] * np.mean(-2.0 * x, axis=0)
    g["x"] = g["centered"] + g["mean"] / B
    return g


# %% batchnorm-backward-staged | right | with the mean-of-deviations term, which is 0
def batchnorm_backward_staged(grad_output, x, gamma, eps=1e-5):
    B = len(x)
    mean = np.sum(x, axis=0) / B
    centered = x - mean
    var = np.sum(centered * centered, axis=0) / B
    std = (var + eps) ** 0.5
    grad_x_hat = gamma * grad_output
    grad_inv_std = np.einsum("bn,bn->n", grad_x_hat, centered)
    grad_var = np.sum(grad_x_hat * centered * -0.5 * (var + eps) ** (-1.5), axis=0)
    grad_mean = np.sum(-grad_x_hat / std, axis=0) + grad_var * np.mean(-2.0 * centered, axis=0)
    grad_centered = grad_x_hat / std + grad_var * 2.0 * centered / B
    return {
        "beta": np.ones(B) @ grad_output,
        "gamma": np.einsum("bn,bn->n", grad_output, centered / std),
        "x": grad_centered + grad_mean / B,
        "mean": grad_mean,
        "centered": grad_centered,
        "squared": np.tile(grad_var / B, (B, 1)),
        "var": grad_var,
        "std": -grad_inv_std / (var + eps),
        "inv_std": grad_inv_std,
        "x_hat": grad_x_hat,
        "out": grad_output.copy(),
    }


# %% batchnorm-backward-staged | right | column by column
def batchnorm_backward_staged(grad_output, x, gamma, eps=1e-5):
    B, n = x.shape
    wide = {k: np.zeros((B, n)) for k in ("out", "x_hat", "squared", "centered", "x")}
    narrow = {k: np.zeros(n) for k in ("inv_std", "std", "var", "mean", "gamma", "beta")}
    for k in range(n):
        c = x[:, k] - sum(x[:, k]) / B
        d = (sum(c * c) / B + eps) ** 0.5
        G = grad_output[:, k]
        wide["out"][:, k], wide["x_hat"][:, k] = G, gamma[k] * G
        narrow["beta"][k], narrow["gamma"][k] = sum(G), sum(G * c) / d
        narrow["inv_std"][k] = gamma[k] * sum(G * c)
        narrow["std"][k] = -narrow["inv_std"][k] / d**2
        narrow["var"][k] = narrow["std"][k] / 2 / d
        wide["squared"][:, k] = narrow["var"][k] / B
        wide["centered"][:, k] = gamma[k] * G / d + 2 * c * narrow["var"][k] / B
        narrow["mean"][k] = -sum(wide["centered"][:, k])
        wide["x"][:, k] = wide["centered"][:, k] + narrow["mean"][k] / B
    return dict(sorted((wide | narrow).items()))


# %% batchnorm-backward | wrong | mean and variance are taken for constants
def batchnorm_backward(grad_output, cache):
    hat, w, gamma, training = cache
    return gamma * w * grad_output, (grad_output * hat).sum(axis=0), grad_output.sum(axis=0)


# %% batchnorm-backward | wrong | trap: training mode only, with its mean-of-deviations term
def batchnorm_backward(grad_output, cache):
    hat, w, gamma, _ = cache
    N, c, std = len(hat), hat / w, 1 / w
    grad_x_hat = grad_output * gamma
    grad_var = np.sum(grad_x_hat * c * -0.5 * std ** (-3.0), axis=0)
    grad_mean = np.sum(grad_x_hat * -1.0 / std, axis=0) + grad_var * np.mean(-2.0 * c, axis=0)
    grad_x = grad_x_hat / std + grad_var * 2.0 * c / N + grad_mean / N
    return grad_x, np.sum(grad_output * hat, axis=0), np.sum(grad_output, axis=0)


# %% batchnorm-backward | wrong | the path through the variance is missing
def batchnorm_backward(grad_output, cache):
    hat, w, gamma, training = cache
    spread = grad_output - grad_output.mean(axis=0) if training else grad_output
    return gamma * w * spread, (grad_output * hat).sum(axis=0), grad_output.sum(axis=0)


# %% batchnorm-backward | wrong | the path through the mean is missing
def batchnorm_backward(grad_output, cache):
    hat, w, gamma, training = cache
    spread = grad_output - hat * (grad_output * hat).mean(axis=0) if training else grad_output
    return gamma * w * spread, (grad_output * hat).sum(axis=0), grad_output.sum(axis=0)


# %% batchnorm-backward | wrong | gamma is missing in grad_x
def batchnorm_backward(grad_output, cache):
    hat, w, gamma, training = cache
    dots, sums = (grad_output * hat).sum(axis=0), grad_output.sum(axis=0)
    spread = grad_output - (sums + hat * dots) / len(hat) if training else grad_output
    return w * spread, dots, sums


# %% batchnorm-backward | wrong | grad_gamma and grad_beta are means
def batchnorm_backward(grad_output, cache):
    hat, w, gamma, training = cache
    dots, sums = (grad_output * hat).mean(axis=0), grad_output.mean(axis=0)
    spread = grad_output - sums - hat * dots if training else grad_output
    return gamma * w * spread, dots, sums


# %% batchnorm-backward | wrong | the sums are not divided by the batch
def batchnorm_backward(grad_output, cache):
    hat, w, gamma, training = cache
    dots, sums = (grad_output * hat).sum(axis=0), grad_output.sum(axis=0)
    spread = grad_output - sums - hat * dots if training else grad_output
    return gamma * w * spread, dots, sums


# %% batchnorm-backward | wrong | divides by the batch once too often
def batchnorm_backward(grad_output, cache):
    hat, w, gamma, training = cache
    dots, sums = (grad_output * hat).sum(axis=0), grad_output.sum(axis=0)
    spread = grad_output - (sums + hat * dots) / len(hat) if training else grad_output
    return gamma * w * spread / len(hat), dots, sums


# %% batchnorm-backward | right | by a projection
def batchnorm_backward(grad_output, cache):
    hat, w, gamma, training = cache
    dots, sums = np.einsum("bn,bn->n", grad_output, hat), np.einsum("bn->n", grad_output)
    if not training:
        return grad_output * (gamma * w), dots, sums
    B = grad_output.shape[0]
    h = gamma * grad_output
    h = h - np.ones((B, B)) @ h / B
    return w * (h - hat * gamma * dots / B), dots, sums


# %% batchnorm-backward | right | through the Jacobian of each column, in a list
def batchnorm_backward(grad_output, cache):
    x_hat, inv_std, gamma, training = cache
    B = len(x_hat)
    grad_x = np.empty(x_hat.shape)
    for k in range(x_hat.shape[1]):
        J = np.eye(B)
        if training:
            J = J - 1 / B - np.outer(x_hat[:, k], x_hat[:, k]) / B
        grad_x[:, k] = gamma[k] * inv_std[k] * (J @ grad_output[:, k])
    return [grad_x, np.einsum("bn,bn->n", grad_output, x_hat), grad_output.sum(0)]


# %% batchnorm-backward | right | means, and a factor for the mode
def batchnorm_backward(grad_output, cache):
    x_hat, inv_std, gamma, training = cache
    lost = grad_output.mean(0) + x_hat * (grad_output * x_hat).mean(0)
    return (
        gamma * inv_std * (grad_output - bool(training) * lost),
        (grad_output * x_hat).sum(0),
        grad_output.sum(0),
    )


# %% layernorm | wrong | normalized along the batch
def layernorm_forward(x, gamma, beta, eps=1e-5):
    c = x - x.mean(axis=0)
    w = 1 / np.sqrt((c**2).mean(axis=0) + eps)
    return gamma * c * w + beta, (c * w, w, gamma)


def layernorm_backward(grad_output, cache):
    hat, w, gamma = cache
    axes, h = tuple(range(hat.ndim - 1)), grad_output * gamma
    dots = (h * hat).mean(axis=-1, keepdims=True)
    grad_x = w * (h - h.mean(axis=-1, keepdims=True) - hat * dots)
    return grad_x, (grad_output * hat).sum(axis=axes), grad_output.sum(axis=axes)


# %% layernorm | wrong | the unbiased variance
def layernorm_forward(x, gamma, beta, eps=1e-5):
    c = x - x.mean(axis=-1, keepdims=True)
    w = 1 / np.sqrt(x.var(axis=-1, keepdims=True, ddof=1) + eps)
    return gamma * c * w + beta, (c * w, w, gamma)


def layernorm_backward(grad_output, cache):
    hat, w, gamma = cache
    axes, h = tuple(range(hat.ndim - 1)), grad_output * gamma
    dots = (h * hat).mean(axis=-1, keepdims=True)
    grad_x = w * (h - h.mean(axis=-1, keepdims=True) - hat * dots)
    return grad_x, (grad_output * hat).sum(axis=axes), grad_output.sum(axis=axes)


# %% layernorm | wrong | gamma stands outside the sums
def layernorm_forward(x, gamma, beta, eps=1e-5):
    c = x - x.mean(axis=-1, keepdims=True)
    w = 1 / np.sqrt((c**2).mean(axis=-1, keepdims=True) + eps)
    return gamma * c * w + beta, (c * w, w, gamma)


def layernorm_backward(grad_output, cache):
    hat, w, gamma = cache
    axes, h = tuple(range(hat.ndim - 1)), grad_output
    dots = (h * hat).mean(axis=-1, keepdims=True)
    grad_x = gamma * w * (h - h.mean(axis=-1, keepdims=True) - hat * dots)
    return grad_x, (grad_output * hat).sum(axis=axes), grad_output.sum(axis=axes)


# %% layernorm | wrong | gamma and beta are summed over the first axis only
def layernorm_forward(x, gamma, beta, eps=1e-5):
    c = x - x.mean(axis=-1, keepdims=True)
    w = 1 / np.sqrt((c**2).mean(axis=-1, keepdims=True) + eps)
    return gamma * c * w + beta, (c * w, w, gamma)


def layernorm_backward(grad_output, cache):
    hat, w, gamma = cache
    h = grad_output * gamma
    dots = (h * hat).mean(axis=-1, keepdims=True)
    grad_x = w * (h - h.mean(axis=-1, keepdims=True) - hat * dots)
    return grad_x, (grad_output * hat).sum(axis=0), grad_output.sum(axis=0)


# %% layernorm | wrong | mean and variance are taken for constants
def layernorm_forward(x, gamma, beta, eps=1e-5):
    c = x - x.mean(axis=-1, keepdims=True)
    w = 1 / np.sqrt((c**2).mean(axis=-1, keepdims=True) + eps)
    return gamma * c * w + beta, (c * w, w, gamma)


def layernorm_backward(grad_output, cache):
    hat, w, gamma = cache
    axes = tuple(range(hat.ndim - 1))
    return w * grad_output * gamma, (grad_output * hat).sum(axis=axes), grad_output.sum(axis=axes)


# %% layernorm | wrong | inv_std has lost its last axis
def layernorm_forward(x, gamma, beta, eps=1e-5):
    c = x - x.mean(axis=-1, keepdims=True)
    w = 1 / np.sqrt((c**2).mean(axis=-1) + eps)
    return gamma * c * w[..., None] + beta, (c * w[..., None], w, gamma)


def layernorm_backward(grad_output, cache):
    hat, w, gamma = cache
    axes, h = tuple(range(hat.ndim - 1)), grad_output * gamma
    dots = (h * hat).mean(axis=-1, keepdims=True)
    grad_x = w * (h - h.mean(axis=-1, keepdims=True) - hat * dots)
    return grad_x, (grad_output * hat).sum(axis=axes), grad_output.sum(axis=axes)


# %% layernorm | right | row by row, through the Jacobian
def layernorm_forward(x, gamma, beta, eps=1e-5):
    mean, var = np.mean(x, axis=-1)[..., None], np.var(x, axis=-1)[..., None]
    hat = (x - mean) / np.sqrt(var + eps)
    return hat * gamma + beta, (hat, (var + eps) ** -0.5, gamma)


def layernorm_backward(grad_output, cache):
    hat, w, gamma = cache
    n = hat.shape[-1]
    rows, ups = hat.reshape(-1, n), grad_output.reshape(-1, n)
    grads = [
        (np.eye(n) - 1 / n - np.outer(row, row) / n) @ (up * gamma) * s
        for row, up, s in zip(rows, ups, np.ravel(w))
    ]
    return np.reshape(grads, hat.shape), (ups * rows).sum(axis=0), ups.sum(axis=0)


# %% layernorm | right | as batch norm of the transposed rows, in lists
def layernorm_forward(x, gamma, beta, eps=1e-5):
    rows = x.reshape(-1, x.shape[-1]).T
    w = 1 / np.sqrt(rows.var(axis=0) + eps)
    x_hat = ((rows - rows.mean(axis=0)) * w).T.reshape(x.shape)
    return [gamma * x_hat + beta, [x_hat, w.reshape(*x.shape[:-1], 1), gamma]]


def layernorm_backward(grad_output, cache):
    x_hat, w, gamma = cache
    n = x_hat.shape[-1]
    flat_G, flat_hat = grad_output.reshape(-1, n), x_hat.reshape(-1, n)
    h = flat_G * gamma
    grad = (
        h
        - np.outer(h.mean(1), np.ones(n))
        - flat_hat * np.einsum("bk,bk->b", h, flat_hat)[:, None] / n
    )
    return [grad.reshape(x_hat.shape) * w, (flat_G * flat_hat).sum(0), flat_G.sum(0)]


# %% layernorm | wrong | gamma and beta get means
def layernorm_forward(x, gamma, beta, eps=1e-5):
    c = x - x.mean(axis=-1, keepdims=True)
    w = 1 / np.sqrt((c**2).mean(axis=-1, keepdims=True) + eps)
    return gamma * c * w + beta, (c * w, w, gamma)


def layernorm_backward(grad_output, cache):
    x_hat, w, gamma = cache
    axes = tuple(range(x_hat.ndim - 1))
    h = gamma * grad_output
    grad_x = w * (
        h - h.mean(axis=-1, keepdims=True) - x_hat * (h * x_hat).mean(axis=-1, keepdims=True)
    )
    return grad_x, (grad_output * x_hat).mean(axis=axes), grad_output.mean(axis=axes)


# %% dropout | wrong | the kept entries are not enlarged
def dropout_forward(x, rate, training, rng):
    if not 0 <= rate < 1:
        raise ValueError("rate")
    if not training:
        return x, None
    mask = (rng.random(x.shape) >= rate).astype(float)
    return x * mask, mask


def dropout_backward(grad_output, mask, rate):
    return grad_output if mask is None else grad_output * mask


# %% dropout | wrong | the scale is lost on the way back
def dropout_forward(x, rate, training, rng):
    if not 0 <= rate < 1:
        raise ValueError("rate")
    if not training:
        return x, None
    mask = (rng.random(x.shape) >= rate).astype(float)
    return x * mask / (1 - rate), mask


def dropout_backward(grad_output, mask, rate):
    return grad_output if mask is None else grad_output * mask


# %% dropout | wrong | the rate is the probability of being kept
def dropout_forward(x, rate, training, rng):
    if not 0 <= rate < 1:
        raise ValueError("rate")
    if not training:
        return x, None
    mask = (rng.random(x.shape) < rate).astype(float)
    return x * mask / max(rate, 1e-12), mask


def dropout_backward(grad_output, mask, rate):
    return grad_output if mask is None else grad_output * mask / max(rate, 1e-12)


# %% dropout | wrong | the mask holds the scale
def dropout_forward(x, rate, training, rng):
    if not 0 <= rate < 1:
        raise ValueError("rate")
    if not training:
        return x, None
    mask = (rng.random(x.shape) >= rate) / (1 - rate)
    return x * mask, mask


def dropout_backward(grad_output, mask, rate):
    return grad_output if mask is None else grad_output * mask


# %% dropout | wrong | scales in evaluation
def dropout_forward(x, rate, training, rng):
    if not 0 <= rate < 1:
        raise ValueError("rate")
    if not training:
        return x * (1 - rate), None
    mask = (rng.random(x.shape) >= rate).astype(float)
    return x * mask / (1 - rate), mask


def dropout_backward(grad_output, mask, rate):
    return grad_output if mask is None else grad_output * mask / (1 - rate)


# %% dropout | wrong | trap: one array in evaluation, a pair in training
def dropout_forward(x, rate=0.5, training=True, rng=None):
    if not 0 <= rate < 1:
        raise ValueError("rate")
    if not training:
        return x
    mask = rng.binomial(1, 1 - rate, size=x.shape)
    return x * mask / (1 - rate), mask


def dropout_backward(grad_output, mask, rate=0.5):
    return grad_output if mask is None else grad_output * mask / (1 - rate)


# %% dropout | wrong | trap: backward has a default rate of its own
def dropout_forward(x, rate, training, rng):
    if not 0 <= rate < 1:
        raise ValueError("rate")
    if not training:
        return x, None
    mask = (rng.random(x.shape) >= rate).astype(float)
    return x * mask / (1 - rate), mask


def dropout_backward(grad_output, mask, rate, dropout_rate=0.5):
    return grad_output if mask is None else grad_output * mask / (1 - dropout_rate)


# %% dropout | wrong | draws from the global generator
def dropout_forward(x, rate, training, rng):
    if not 0 <= rate < 1:
        raise ValueError("rate")
    if not training:
        return x, None
    mask = np.random.binomial(1, 1 - rate, size=x.shape)
    return x * mask / (1 - rate), mask


def dropout_backward(grad_output, mask, rate):
    return grad_output if mask is None else grad_output * mask / (1 - rate)


# %% dropout | wrong | one mask for the whole batch
def dropout_forward(x, rate, training, rng):
    if not 0 <= rate < 1:
        raise ValueError("rate")
    if not training:
        return x, None
    row = (rng.random(x.shape[-1]) >= rate).astype(float)
    mask = np.broadcast_to(row, x.shape)
    return x * mask / (1 - rate), mask


def dropout_backward(grad_output, mask, rate):
    return grad_output if mask is None else grad_output * mask / (1 - rate)


# %% dropout | wrong | rate 1 passes
def dropout_forward(x, rate, training, rng):
    if not training:
        return x, None
    mask = (rng.random(x.shape) >= rate).astype(float)
    with np.errstate(all="ignore"):
        return x * mask / (1 - rate) if rate != 1 else x * 0, mask


def dropout_backward(grad_output, mask, rate):
    return grad_output if mask is None else grad_output * mask / (1 - rate)


# %% dropout | right | binomial draws, a boolean mask
def dropout_forward(x, rate, training, rng):
    if rate < 0 or rate >= 1:
        raise ValueError("choose a rate from 0 up to, but without, 1")
    if training:
        mask = rng.binomial(1, 1 - rate, size=np.shape(x)).astype(bool)
        return np.where(mask, x, 0.0) / (1 - rate), mask
    return np.array(x), None


def dropout_backward(grad_output, mask, rate):
    if mask is None:
        return np.array(grad_output)
    return np.where(mask, grad_output / (1 - rate), 0.0)


# %% dropout | right | rng.choice, lists
def dropout_forward(x, rate, training, rng):
    if not 0 <= rate < 1:
        raise ValueError("rate")
    if not training:
        return [x.copy(), None]
    mask = rng.choice([0, 1], size=x.shape, p=[rate, 1 - rate])
    return [np.where(mask, x / (1 - rate), 0.0), mask]


def dropout_backward(grad_output, mask, rate):
    return grad_output if mask is None else np.where(mask == 1, grad_output / (1.0 - rate), 0)


# %% dropout | wrong | backward draws a mask of its own
def dropout_forward(x, rate, training, rng):
    if not 0 <= rate < 1:
        raise ValueError
    if not training:
        return x, None
    mask = (rng.random(x.shape) >= rate).astype(float)
    return x * mask / (1 - rate), mask


def dropout_backward(grad_output, mask, rate):
    if mask is None:
        return grad_output
    mask = np.random.default_rng(0).random(grad_output.shape) >= rate
    return grad_output * mask / (1 - rate)


# %% dropout | wrong | one mask for every row
def dropout_forward(x, rate, training, rng):
    if not 0 <= rate < 1:
        raise ValueError
    if not training:
        return x, None
    mask = np.broadcast_to((rng.random(x.shape[-1]) >= rate).astype(float), x.shape)
    return x * mask / (1 - rate), mask


def dropout_backward(grad_output, mask, rate):
    return grad_output if mask is None else grad_output * mask / (1 - rate)


# %% attention-forward | wrong | trap: transpose(-2, -1)
def attention_forward(Q, K, V, mask=None):
    scores = Q @ K.transpose(-2, -1) / np.sqrt(K.shape[-1])
    if mask is not None:
        scores = np.where(mask, scores, -1e300)
    powers = np.exp(scores - scores.max(axis=-1, keepdims=True))
    weights = powers / powers.sum(axis=-1, keepdims=True)
    return weights @ V, weights


# %% attention-forward | wrong | trap: an axis that softmax does not take
def attention_forward(Q, K, V, mask=None):
    def softmax(x):
        powers = np.exp(x - np.max(x, axis=-1, keepdims=True))
        return powers / np.sum(powers, axis=-1, keepdims=True)

    scores = Q @ np.swapaxes(K, -2, -1) / np.sqrt(K.shape[-1])
    weights = softmax(scores, axis=-1)
    return weights @ V, weights


# %% attention-forward | wrong | softmax over the queries
def attention_forward(Q, K, V, mask=None):
    scores = Q @ np.swapaxes(K, -1, -2) / np.sqrt(Q.shape[-1])
    if mask is not None:
        scores = np.where(mask, scores, -1e300)
    powers = np.exp(scores - scores.max(axis=-2, keepdims=True))
    weights = powers / powers.sum(axis=-2, keepdims=True)
    return weights @ V, weights


# %% attention-forward | wrong | no scale
def attention_forward(Q, K, V, mask=None):
    scores = Q @ np.swapaxes(K, -1, -2)
    scores = scores if mask is None else np.where(mask, scores, -np.inf)
    top = scores.max(axis=-1, keepdims=True)
    powers = np.exp(scores - np.where(np.isfinite(top), top, 0))
    total = powers.sum(axis=-1, keepdims=True)
    weights = powers / np.where(total > 0, total, 1)
    return weights @ V, weights


# %% attention-forward | wrong | divided by d instead of its root
def attention_forward(Q, K, V, mask=None):
    scores = Q @ np.swapaxes(K, -1, -2) / Q.shape[-1]
    scores = scores if mask is None else np.where(mask, scores, -np.inf)
    top = scores.max(axis=-1, keepdims=True)
    powers = np.exp(scores - np.where(np.isfinite(top), top, 0))
    total = powers.sum(axis=-1, keepdims=True)
    weights = powers / np.where(total > 0, total, 1)
    return weights @ V, weights


# %% attention-forward | wrong | divided by the root of dv
def attention_forward(Q, K, V, mask=None):
    scores = Q @ np.swapaxes(K, -1, -2) / np.sqrt(V.shape[-1])
    scores = scores if mask is None else np.where(mask, scores, -np.inf)
    top = scores.max(axis=-1, keepdims=True)
    powers = np.exp(scores - np.where(np.isfinite(top), top, 0))
    total = powers.sum(axis=-1, keepdims=True)
    weights = powers / np.where(total > 0, total, 1)
    return weights @ V, weights


# %% attention-forward | wrong | True means masked
def attention_forward(Q, K, V, mask=None):
    scores = Q @ np.swapaxes(K, -1, -2) / np.sqrt(Q.shape[-1])
    scores = scores if mask is None else np.where(mask, -np.inf, scores)
    top = scores.max(axis=-1, keepdims=True)
    powers = np.exp(scores - np.where(np.isfinite(top), top, 0))
    total = powers.sum(axis=-1, keepdims=True)
    weights = powers / np.where(total > 0, total, 1)
    return weights @ V, weights


# %% attention-forward | wrong | masked after the softmax
def attention_forward(Q, K, V, mask=None):
    scores = Q @ np.swapaxes(K, -1, -2) / np.sqrt(Q.shape[-1])
    powers = np.exp(scores - scores.max(axis=-1, keepdims=True))
    weights = powers / powers.sum(axis=-1, keepdims=True)
    if mask is not None:
        weights = weights * mask
    return weights @ V, weights


# %% attention-forward | wrong | a fully masked row is NaN
def attention_forward(Q, K, V, mask=None):
    scores = Q @ np.swapaxes(K, -1, -2) / np.sqrt(Q.shape[-1])
    scores = scores if mask is None else np.where(mask, scores, -np.inf)
    with np.errstate(all="ignore"):
        powers = np.exp(scores - scores.max(axis=-1, keepdims=True))
        weights = powers / powers.sum(axis=-1, keepdims=True)
    return weights @ V, weights


# %% attention-forward | wrong | a fully masked row attends evenly
def attention_forward(Q, K, V, mask=None):
    scores = Q @ np.swapaxes(K, -1, -2) / np.sqrt(Q.shape[-1])
    if mask is not None:
        scores = np.where(mask, scores, -1e30)
    powers = np.exp(scores - scores.max(axis=-1, keepdims=True))
    weights = powers / powers.sum(axis=-1, keepdims=True)
    return weights @ V, weights


# %% attention-forward | wrong | exp overflows
def attention_forward(Q, K, V, mask=None):
    powers = np.exp(Q @ np.swapaxes(K, -1, -2) / np.sqrt(Q.shape[-1]))
    powers = powers if mask is None else powers * mask
    total = powers.sum(axis=-1, keepdims=True)
    weights = powers / np.where(total > 0, total, 1)
    return weights @ V, weights


# %% attention-forward | wrong | returns the output alone
def attention_forward(Q, K, V, mask=None):
    scores = Q @ np.swapaxes(K, -1, -2) / np.sqrt(Q.shape[-1])
    powers = np.exp(scores - scores.max(axis=-1, keepdims=True))
    powers = powers if mask is None else powers * mask
    total = powers.sum(axis=-1, keepdims=True)
    return powers / np.where(total > 0, total, 1) @ V


# %% attention-forward | right | log-sum-exp by logaddexp, masked by a finite number
def attention_forward(Q, K, V, mask=None):
    allowed = np.ones((1, 1, 1), bool) if mask is None else np.asarray(mask)
    scores = np.einsum("btk,bsk->bts", Q, K) * Q.shape[-1] ** -0.5
    scores = np.where(allowed, scores, -1e300)
    logs = scores - np.logaddexp.reduce(scores, axis=-1, keepdims=True)
    weights = np.where(allowed, np.exp(logs), 0.0)
    return np.einsum("bts,bse->bte", weights, V), weights


# %% attention-forward | right | sequence by sequence, query by query
def attention_forward(Q, K, V, mask=None):
    B, Tq, d = Q.shape
    Tk = K.shape[1]
    allowed = np.broadcast_to(True if mask is None else mask, (B, Tq, Tk))
    weights = np.zeros((B, Tq, Tk))
    for b in range(B):
        for t in range(Tq):
            keys = np.flatnonzero(allowed[b, t])
            if len(keys):
                s = K[b, keys] @ Q[b, t] / d**0.5
                e = np.exp(s - s.max())
                weights[b, t, keys] = e / e.sum()
    return weights @ V, weights


# %% attention-forward | right | einsum, weights multiplied by the mask, in a list
def attention_forward(Q, K, V, mask=None):
    scores = np.einsum("btd,bsd->bts", Q, K) / Q.shape[2] ** 0.5
    allowed = (
        np.ones(scores.shape, dtype=bool) if mask is None else np.broadcast_to(mask, scores.shape)
    )
    highest = np.max(scores, axis=2, keepdims=True, where=allowed, initial=-1e300)
    powers = np.exp(np.where(allowed, scores - highest, -np.inf))
    total = powers.sum(axis=2, keepdims=True)
    weights = np.divide(powers, total, out=np.zeros_like(powers), where=total > 0)
    return [np.einsum("bts,bse->bte", weights, V), weights]


# %% attention-forward | right | a masked array of scores
def attention_forward(Q, K, V, mask=None):
    weights = np.zeros((len(Q), Q.shape[1], K.shape[1]))
    may = np.ones(weights.shape, bool) if mask is None else np.broadcast_to(mask, weights.shape)
    for b, t in np.ndindex(weights.shape[:2]):
        if may[b, t].any():
            s = K[b][may[b, t]] @ Q[b, t] / np.sqrt(Q.shape[-1])
            e = np.exp(s - s.max())
            weights[b, t, may[b, t]] = e / e.sum()
    return np.matmul(weights, V), weights


# %% attention-forward | wrong | np.where runs with a mask of None
def attention_forward(Q, K, V, mask=None):
    scores = Q @ np.swapaxes(K, -1, -2) / np.sqrt(Q.shape[-1])
    scores = np.where(mask, scores, -np.inf)
    highest = scores.max(axis=-1, keepdims=True)
    powers = np.exp(scores - np.where(np.isfinite(highest), highest, 0.0))
    total = powers.sum(axis=-1, keepdims=True)
    weights = powers / np.where(total > 0, total, 1.0)
    return weights @ V, weights


# %% attention-forward | wrong | the mask is multiplied into the scores
def attention_forward(Q, K, V, mask=None):
    scores = Q @ np.swapaxes(K, -1, -2) / np.sqrt(Q.shape[-1])
    if mask is not None:
        scores = scores * mask
    powers = np.exp(scores - scores.max(axis=-1, keepdims=True))
    weights = powers / powers.sum(axis=-1, keepdims=True)
    return weights @ V, weights


# %% attention-forward | wrong | the largest score of the whole batch is subtracted
def attention_forward(Q, K, V, mask=None):
    scores = Q @ np.swapaxes(K, -1, -2) / np.sqrt(Q.shape[-1])
    if mask is not None:
        scores = np.where(mask, scores, -np.inf)
    highest = scores.max()
    powers = np.exp(scores - (highest if np.isfinite(highest) else 0.0))
    total = powers.sum(axis=-1, keepdims=True)
    weights = powers / np.where(total > 0, total, 1.0)
    return weights @ V, weights


# %% attention-backward | wrong | the scale is missing
def attention_backward(grad_output, Q, K, V, weights):
    grad_A = grad_output @ np.swapaxes(V, -1, -2)
    grad_S = weights * (grad_A - (grad_A * weights).sum(axis=-1, keepdims=True))
    grad_V = np.swapaxes(weights, -1, -2) @ grad_output
    return grad_S @ K, np.swapaxes(grad_S, -1, -2) @ Q, grad_V


# %% attention-backward | wrong | the scale is there twice for the queries
def attention_backward(grad_output, Q, K, V, weights):
    r = np.sqrt(Q.shape[-1])
    grad_A = grad_output @ np.swapaxes(V, -1, -2)
    grad_S = weights * (grad_A - (grad_A * weights).sum(axis=-1, keepdims=True)) / r
    grad_V = np.swapaxes(weights, -1, -2) @ grad_output
    return grad_S @ K / r, np.swapaxes(grad_S, -1, -2) @ Q, grad_V


# %% attention-backward | wrong | scaled by the root of dv
def attention_backward(grad_output, Q, K, V, weights):
    grad_A = grad_output @ np.swapaxes(V, -1, -2)
    grad_S = weights * (grad_A - (grad_A * weights).sum(axis=-1, keepdims=True))
    grad_S = grad_S / np.sqrt(V.shape[-1])
    grad_V = np.swapaxes(weights, -1, -2) @ grad_output
    return grad_S @ K, np.swapaxes(grad_S, -1, -2) @ Q, grad_V


# %% attention-backward | wrong | trap: transpose(-2, -1)
def attention_backward(grad_output, Q, K, V, weights):
    grad_V = weights.transpose(-2, -1) @ grad_output
    grad_A = grad_output @ V.transpose(-2, -1)
    grad_S = weights * (grad_A - (grad_A * weights).sum(axis=-1, keepdims=True))
    grad_S = grad_S / np.sqrt(K.shape[-1])
    return grad_S @ K, grad_S.transpose(-2, -1) @ Q, grad_V


# %% attention-backward | wrong | trap: no softmax_backward, so the softmax is skipped
def attention_backward(grad_output, Q, K, V, weights):
    grad_S = grad_output @ np.swapaxes(V, -1, -2) / np.sqrt(K.shape[-1])
    grad_V = np.swapaxes(weights, -1, -2) @ grad_output
    return grad_S @ K, np.swapaxes(grad_S, -1, -2) @ Q, grad_V


# %% attention-backward | wrong | only the diagonal of the softmax's Jacobian
def attention_backward(grad_output, Q, K, V, weights):
    grad_S = grad_output @ np.swapaxes(V, -1, -2) * weights * (1 - weights) / np.sqrt(K.shape[-1])
    grad_V = np.swapaxes(weights, -1, -2) @ grad_output
    return grad_S @ K, np.swapaxes(grad_S, -1, -2) @ Q, grad_V


# %% attention-backward | wrong | the softmax's sum runs over the queries
def attention_backward(grad_output, Q, K, V, weights):
    grad_A = grad_output @ np.swapaxes(V, -1, -2)
    grad_S = weights * (grad_A - (grad_A * weights).sum(axis=-2, keepdims=True))
    grad_S = grad_S / np.sqrt(Q.shape[-1])
    grad_V = np.swapaxes(weights, -1, -2) @ grad_output
    return grad_S @ K, np.swapaxes(grad_S, -1, -2) @ Q, grad_V


# %% attention-backward | wrong | the weights are not transposed for V
def attention_backward(grad_output, Q, K, V, weights):
    grad_A = grad_output @ np.swapaxes(V, -1, -2)
    grad_S = weights * (grad_A - (grad_A * weights).sum(axis=-1, keepdims=True))
    grad_S = grad_S / np.sqrt(Q.shape[-1])
    return grad_S @ K, np.swapaxes(grad_S, -1, -2) @ Q, weights @ grad_output


# %% attention-backward | wrong | Q and K are exchanged
def attention_backward(grad_output, Q, K, V, weights):
    grad_A = grad_output @ np.swapaxes(V, -1, -2)
    grad_S = weights * (grad_A - (grad_A * weights).sum(axis=-1, keepdims=True))
    grad_S = grad_S / np.sqrt(Q.shape[-1])
    grad_V = np.swapaxes(weights, -1, -2) @ grad_output
    return np.swapaxes(grad_S, -1, -2) @ Q, grad_S @ K, grad_V


# %% attention-backward | wrong | the weights are computed again, without the mask
def attention_backward(grad_output, Q, K, V, weights):
    scores = Q @ np.swapaxes(K, -1, -2) / np.sqrt(Q.shape[-1])
    A = np.exp(scores - scores.max(axis=-1, keepdims=True))
    A = A / A.sum(axis=-1, keepdims=True)
    grad_A = grad_output @ np.swapaxes(V, -1, -2)
    grad_S = A * (grad_A - (grad_A * A).sum(axis=-1, keepdims=True)) / np.sqrt(Q.shape[-1])
    return grad_S @ K, np.swapaxes(grad_S, -1, -2) @ Q, np.swapaxes(A, -1, -2) @ grad_output


# %% attention-backward | right | by einsum, the Jacobian of each row written out
def attention_backward(grad_output, Q, K, V, weights):
    A, G, d = weights, grad_output, Q.shape[-1]
    J = np.einsum("bts,sr->btsr", A, np.eye(A.shape[-1])) - np.einsum("bts,btr->btsr", A, A)
    S = np.einsum("bte,bre,btsr->bts", G, V, J)
    return (
        np.einsum("bts,bsk->btk", S, K) / d**0.5,
        np.einsum("bts,btk->bsk", S, Q) / d**0.5,
        np.einsum("bts,bte->bse", A, G),
    )


# %% attention-backward | right | in a list, loops over the sequences
def attention_backward(grad_output, Q, K, V, weights):
    parts = [np.zeros(a.shape) for a in (Q, K, V)]
    for b in range(len(Q)):
        A, G = weights[b], grad_output[b]
        W = G @ V[b].T
        S = A * W - A * (A * W).sum(axis=1, keepdims=True)
        S /= Q.shape[-1] ** 0.5
        parts[0][b], parts[1][b], parts[2][b] = S @ K[b], S.T @ Q[b], A.T @ G
    return parts


# %% embedding-backward | wrong | the last of equal tokens wins
def embedding_backward(grad_output, tokens, vocabulary_size):
    grad = np.zeros((vocabulary_size, grad_output.shape[-1]))
    grad[tokens] += grad_output
    return grad


# %% embedding-backward | wrong | the mean over the places of a word
def embedding_backward(grad_output, tokens, vocabulary_size):
    grad = np.zeros((vocabulary_size, grad_output.shape[-1]))
    np.add.at(grad, tokens, grad_output)
    return grad / np.maximum(np.bincount(tokens.ravel(), minlength=vocabulary_size), 1)[:, None]


# %% embedding-backward | wrong | as many rows as the largest token asks for
def embedding_backward(grad_output, tokens, vocabulary_size):
    grad = np.zeros((tokens.max() + 1, grad_output.shape[-1]))
    np.add.at(grad, tokens, grad_output)
    return grad


# %% embedding-backward | wrong | each sequence by itself
def embedding_backward(grad_output, tokens, vocabulary_size):
    grad = np.zeros((len(tokens), vocabulary_size, grad_output.shape[-1]))
    for b in range(len(tokens)):
        np.add.at(grad[b], tokens[b], grad_output[b])
    return grad


# %% embedding-backward | right | a product with one-hot rows
def embedding_backward(grad_output, tokens, vocabulary_size):
    one_hot = np.eye(vocabulary_size)[tokens.ravel()]
    return one_hot.T @ grad_output.reshape(len(one_hot), -1)


# %% embedding-backward | right | sorted tokens, reduceat
def embedding_backward(grad_output, tokens, vocabulary_size):
    grad = np.zeros((vocabulary_size, grad_output.shape[2]))
    words, G = tokens.ravel(), grad_output.reshape(-1, grad_output.shape[2])
    order = np.argsort(words, kind="stable")
    present, starts = np.unique(words[order], return_index=True)
    grad[present] = np.add.reduceat(G[order], starts, axis=0)
    return grad


# %% embedding-backward | right | bincount, column by column
def embedding_backward(grad_output, tokens, vocabulary_size):
    return np.stack(
        [
            np.bincount(tokens.ravel(), grad_output[..., k].ravel(), vocabulary_size)
            for k in range(grad_output.shape[-1])
        ],
        axis=1,
    )


# %% embedding-backward | wrong | grad += at the unique tokens
def embedding_backward(grad_output, tokens, vocabulary_size):
    grad = np.zeros((vocabulary_size, grad_output.shape[-1]))
    for row, G in zip(tokens, grad_output):
        grad[row] += G
    return grad


# %% rnn-step-backward | wrong | the slope of tanh is missing
def rnn_step_backward(grad_h_next, cache):
    x, h, W_x, W_h, h_next = cache
    a = grad_h_next
    return a @ W_x, a @ W_h, a.T @ x, a.T @ h, a.sum(axis=0)


# %% rnn-step-backward | wrong | the slope of tanh taken at the output
def rnn_step_backward(grad_h_next, cache):
    x, h, W_x, W_h, h_next = cache
    a = grad_h_next * (1 - np.tanh(h_next) ** 2)
    return a @ W_x, a @ W_h, a.T @ x, a.T @ h, a.sum(axis=0)


# %% rnn-step-backward | wrong | W_h is transposed
def rnn_step_backward(grad_h_next, cache):
    x, h, W_x, W_h, h_next = cache
    a = grad_h_next * (1 - h_next**2)
    return a @ W_x, a @ W_h.T, a.T @ x, a.T @ h, a.sum(axis=0)


# %% rnn-step-backward | wrong | h_next takes the place of h
def rnn_step_backward(grad_h_next, cache):
    x, h, W_x, W_h, h_next = cache
    a = grad_h_next * (1 - h_next**2)
    return a @ W_x, a @ W_h, a.T @ x, a.T @ h_next, a.sum(axis=0)


# %% rnn-step-backward | wrong | the bias gradient is a mean
def rnn_step_backward(grad_h_next, cache):
    x, h, W_x, W_h, h_next = cache
    a = grad_h_next * (1 - h_next**2)
    return a @ W_x, a @ W_h, a.T @ x, a.T @ h, a.mean(axis=0)


# %% rnn-step-backward | wrong | works in place
def rnn_step_backward(grad_h_next, cache):
    x, h, W_x, W_h, h_next = cache
    grad_h_next *= 1 - h_next**2
    a = grad_h_next
    return a @ W_x, a @ W_h, a.T @ x, a.T @ h, a.sum(axis=0)


# %% rnn-step-backward | right | by einsum
def rnn_step_backward(grad_h_next, cache):
    x, h, W_x, W_h, after = cache
    a = (1 - after) * (1 + after) * grad_h_next
    return (
        np.einsum("bm,mn->bn", a, W_x),
        np.einsum("bi,ij->bj", a, W_h),
        np.einsum("bm,bn->mn", a, x),
        np.einsum("bi,bj->ij", a, h),
        np.einsum("bm->m", a),
    )


# %% rnn-step-backward | right | the two layers as one, in a list
def rnn_step_backward(grad_h_next, cache):
    x, h, W_x, W_h, h_next = cache
    both, weights = np.hstack([x, h]), np.hstack([W_x, W_h])
    a = grad_h_next * (1 - h_next) * (1 + h_next)
    grad_both, grad_weights = a @ weights, a.T @ both
    n = x.shape[1]
    return [
        grad_both[:, :n],
        grad_both[:, n:],
        grad_weights[:, :n],
        grad_weights[:, n:],
        np.ones(len(x)) @ a,
    ]


# %% rnn-step-backward | wrong | one minus h_next, without the square
def rnn_step_backward(grad_h_next, cache):
    x, h, W_x, W_h, h_next = cache
    a = grad_h_next * (1 - h_next)
    return a @ W_x, a @ W_h, a.T @ x, a.T @ h, a.sum(axis=0)


# %% swapped-hunt | wrong | trap: left as it was
def kernel_gradient(grad_output, x):
    windows = np.lib.stride_tricks.sliding_window_view(x, grad_output.shape[2:], axis=(2, 3))
    return np.einsum("bcuvij,boij->couv", windows, grad_output)


def counterexample_1():
    return np.ones((1, 1, 2, 2)), np.ones((1, 2, 3, 3))


# %% swapped-hunt | wrong | the counterexample proves nothing
def kernel_gradient(grad_output, x):
    windows = np.lib.stride_tricks.sliding_window_view(x, grad_output.shape[2:], axis=(2, 3))
    return np.einsum("bcuvij,boij->ocuv", windows, grad_output)


def counterexample_1():
    return np.ones((2, 1, 2, 2)), np.ones((2, 1, 4, 4))


# %% swapped-hunt | wrong | a mean over the batch
def kernel_gradient(grad_output, x):
    windows = np.lib.stride_tricks.sliding_window_view(x, grad_output.shape[2:], axis=(2, 3))
    return np.einsum("bcuvij,boij->ocuv", windows, grad_output) / len(x)


def counterexample_1():
    return np.ones((1, 1, 2, 2)), np.ones((1, 2, 3, 3))


# %% swapped-hunt | right | the result is transposed at the end, equal channels as proof
def kernel_gradient(grad_output, x):
    windows = np.lib.stride_tricks.sliding_window_view(x, grad_output.shape[2:], axis=(2, 3))
    return np.swapaxes(np.einsum("bcuvij,boij->couv", windows, grad_output), 0, 1)


def counterexample_1():
    return np.arange(2.0).reshape(1, 2, 1, 1), np.ones((1, 2, 1, 1))


# %% swapped-hunt | right | loops, and a proof with integers
def kernel_gradient(grad_output, x):
    B, c_out, h, w = grad_output.shape
    result = np.zeros((c_out, x.shape[1], x.shape[2] - h + 1, x.shape[3] - w + 1))
    for u, v in np.ndindex(result.shape[2:]):
        result[:, :, u, v] = np.einsum("boij,bcij->oc", grad_output, x[:, :, u : u + h, v : v + w])
    return result


def counterexample_1():
    return np.array([[[[1]], [[2]]]]), np.array([[[[1]], [[3]]]])


# %% transpose-hunt | wrong | trap: left as it was
def attention_scores(Q, K):
    return Q @ K.transpose(-2, -1) / np.sqrt(Q.shape[-1])


def counterexample_2():
    return np.array([[1.0, 0.0]]), np.array([[0.0, 2.0], [0.0, 0.0]])


# %% transpose-hunt | wrong | all axes are reversed
def attention_scores(Q, K):
    return Q @ K.T / np.sqrt(Q.shape[-1])


def counterexample_2():
    return np.array([[1.0, 0.0]]), np.array([[0.0, 2.0], [0.0, 0.0]])


# %% transpose-hunt | wrong | a symmetric K proves nothing
def attention_scores(Q, K):
    return Q @ np.swapaxes(K, -1, -2) / np.sqrt(Q.shape[-1])


def counterexample_2():
    return np.ones((3, 2)), np.eye(2)


# %% transpose-hunt | wrong | shapes for which there are no scores
def attention_scores(Q, K):
    return Q @ np.swapaxes(K, -1, -2) / np.sqrt(Q.shape[-1])


def counterexample_2():
    return np.ones((3, 2)), np.ones((4, 3))


# %% transpose-hunt | right | einsum, and a batch as proof
def attention_scores(Q, K):
    return np.einsum("...td,...sd->...ts", Q, K) / Q.shape[-1] ** 0.5


def counterexample_2():
    return np.ones((1, 2, 3)), np.ones((1, 4, 3))


# %% transpose-hunt | right | matrix transposition, keys that are not square
def attention_scores(Q, K):
    return np.matmul(Q, np.matrix_transpose(K)) / Q.shape[-1] ** 0.5


def counterexample_2():
    return np.ones((1, 2)), np.ones((3, 2))


# %% scale-hunt | wrong | left as it was
def dropped_layer_gradient(grad_output, x, mask, rate):
    return grad_output.T @ (x * mask)


def counterexample_3():
    return np.ones((1, 1)), np.ones((1, 2)), np.array([[1.0, 0.0]]), 0.5


# %% scale-hunt | wrong | nothing is kept in the counterexample
def dropped_layer_gradient(grad_output, x, mask, rate):
    return grad_output.T @ (x * mask) / (1 - rate)


def counterexample_3():
    return np.ones((1, 1)), np.ones((1, 2)), np.zeros((1, 2)), 0.5


# %% scale-hunt | wrong | divided by the rate
def dropped_layer_gradient(grad_output, x, mask, rate):
    return grad_output.T @ (x * mask) / max(rate, 1e-9)


def counterexample_3():
    return np.ones((1, 1)), np.ones((1, 2)), np.array([[1.0, 0.0]]), 0.5


# %% scale-hunt | wrong | trap: a default rate of its own
def dropped_layer_gradient(grad_output, x, mask, rate, dropout_rate=0.5):
    return grad_output.T @ (x * mask) / (1 - dropout_rate)


def counterexample_3():
    return np.ones((1, 1)), np.ones((1, 2)), np.array([[1.0, 0.0]]), 0.5


# %% scale-hunt | right | the scale goes to the gradient
def dropped_layer_gradient(grad_output, x, mask, rate):
    return np.einsum("bo,bi->oi", grad_output / (1 - rate), np.where(mask, x, 0.0))


def counterexample_3():
    return np.array([[2.0], [1.0]]), np.array([[1.0], [3.0]]), np.array([[1], [0]]), 0.1


# %% scale-hunt | right | einsum
def dropped_layer_gradient(grad_output, x, mask, rate):
    return np.einsum("bo,bi->oi", grad_output, x * mask) / (1 - rate)


def counterexample_3():
    return np.eye(2), np.ones((2, 3)), np.ones((2, 3), dtype=int), 0.1


# %% paths-hunt | wrong | left as it was
def normalized_gradient(grad_output, x, gamma, eps=1e-5):
    return gamma / np.sqrt(x.var(axis=0) + eps) * grad_output


def counterexample_4():
    return np.array([[1.0], [0.0], [0.0]]), np.array([[1.0], [2.0], [6.0]]), np.ones(1)


# %% paths-hunt | wrong | the path through the variance is still lost
def normalized_gradient(grad_output, x, gamma, eps=1e-5):
    return gamma / np.sqrt(x.var(axis=0) + eps) * (grad_output - grad_output.mean(axis=0))


def counterexample_4():
    return np.array([[1.0], [0.0], [0.0]]), np.array([[1.0], [2.0], [6.0]]), np.ones(1)


# %% paths-hunt | wrong | the counterexample proves nothing
def normalized_gradient(grad_output, x, gamma, eps=1e-5):
    w = 1 / np.sqrt(x.var(axis=0) + eps)
    hat = (x - x.mean(axis=0)) * w
    return (
        gamma
        * w
        * (grad_output - grad_output.mean(axis=0) - hat * (grad_output * hat).mean(axis=0))
    )


def counterexample_4():
    return np.array([[2.0], [-4.0], [2.0]]), np.array([[0.0], [5.0], [10.0]]), np.ones(1)


# %% paths-hunt | wrong | trap: its mean-of-deviations term stands for the path through the mean
def normalized_gradient(grad_output, x, gamma, eps=1e-5):
    B, c = len(x), x - x.mean(axis=0)
    std = np.sqrt(x.var(axis=0) + eps)
    grad_x_hat = grad_output * gamma
    grad_var = np.sum(grad_x_hat * c * -0.5 / std**3, axis=0)
    grad_mean = grad_var * np.mean(-2.0 * c, axis=0)
    return grad_x_hat / std + grad_var * 2.0 * c / B + grad_mean / B


def counterexample_4():
    return np.array([[1.0], [0.0], [0.0]]), np.array([[1.0], [2.0], [6.0]]), np.ones(1)


# %% paths-hunt | right | through every stage
def normalized_gradient(grad_output, x, gamma, eps=1e-5):
    B, c = len(x), x - x.mean(axis=0)
    std = np.sqrt(np.mean(c**2, axis=0) + eps)
    grad_hat = grad_output * gamma
    grad_var = -0.5 * np.sum(grad_hat * c, axis=0) / std**3
    grad_c = grad_hat / std + 2 * c * grad_var / B
    return grad_c - grad_c.mean(axis=0)


def counterexample_4():
    return np.array([[3.0, 0.0], [1.0, 1.0]]), np.array([[1.0, 2.0], [2.0, 0.0]]), np.ones(2)


# %% paths-hunt | right | a single example proves it too
def normalized_gradient(grad_output, x, gamma, eps=1e-5):
    B = len(x)
    c = x - x.mean(axis=0)
    d = np.sqrt((c * c).mean(axis=0) + eps)
    h = gamma * grad_output
    grad_c = h / d - c * (h * c).sum(axis=0) / d**3 / B
    return grad_c - grad_c.mean(axis=0)


def counterexample_4():
    return np.ones((1, 1)), np.ones((1, 1)), np.ones(1)


# %% pixels-hunt | wrong | trap: rows only
def image_gamma_gradient(grad_output, x, eps=1e-5):
    x_hat = (x - x.mean(axis=0)) / np.sqrt(x.var(axis=0) + eps)
    return np.sum(grad_output * x_hat, axis=(0, 2, 3))


def counterexample_5():
    return np.array([[[[1.0, 0.0]]]]), np.array([[[[1.0, 2.0]]]])


# %% pixels-hunt | wrong | each image by itself
def image_gamma_gradient(grad_output, x, eps=1e-5):
    c = x - x.mean(axis=(2, 3), keepdims=True)
    x_hat = c / np.sqrt(x.var(axis=(2, 3), keepdims=True) + eps)
    return np.sum(grad_output * x_hat, axis=(0, 2, 3))


def counterexample_5():
    return np.array([[[[1.0, 0.0]]]]), np.array([[[[1.0, 2.0]]]])


# %% pixels-hunt | wrong | the channels are mixed too
def image_gamma_gradient(grad_output, x, eps=1e-5):
    x_hat = (x - x.mean()) / np.sqrt(x.var() + eps)
    return np.sum(grad_output * x_hat, axis=(0, 2, 3))


def counterexample_5():
    return np.array([[[[1.0, 0.0]]]]), np.array([[[[1.0, 2.0]]]])


# %% pixels-hunt | wrong | the counterexample has one pixel
def image_gamma_gradient(grad_output, x, eps=1e-5):
    c = x - x.mean(axis=(0, 2, 3), keepdims=True)
    x_hat = c / np.sqrt(x.var(axis=(0, 2, 3), keepdims=True) + eps)
    return np.sum(grad_output * x_hat, axis=(0, 2, 3))


def counterexample_5():
    return np.ones((3, 2, 1, 1)), np.arange(6.0).reshape(3, 2, 1, 1)


# %% pixels-hunt | right | images as rows
def image_gamma_gradient(grad_output, x, eps=1e-5):
    rows = np.moveaxis(x, 1, -1).reshape(-1, x.shape[1])
    ups = np.moveaxis(grad_output, 1, -1).reshape(rows.shape)
    hat = (rows - rows.mean(axis=0)) / np.sqrt(rows.var(axis=0) + eps)
    return np.sum(ups * hat, axis=0)


def counterexample_5():
    return np.arange(8.0).reshape(2, 1, 2, 2), np.arange(8.0).reshape(2, 1, 2, 2) ** 2


# %% pixels-hunt | right | a proof with two images, one channel
def image_gamma_gradient(grad_output, x, eps=1e-5):
    result = np.zeros(x.shape[1])
    for c in range(x.shape[1]):
        values = x[:, c]
        result[c] = np.sum(grad_output[:, c] * (values - values.mean())) / np.sqrt(
            values.var() + eps
        )
    return result


def counterexample_5():
    x = np.arange(8.0).reshape(2, 1, 2, 2)
    return x**2, x


# %% conv2d-fast | wrong | the stride is lost in the windows
def conv2d_forward_fast(x, kernel, bias, stride=1, padding=0):
    p = np.pad(x, ((0, 0), (0, 0), (padding,) * 2, (padding,) * 2))
    w = np.lib.stride_tricks.sliding_window_view(p, kernel.shape[2:], axis=(2, 3))
    out = np.moveaxis(np.tensordot(w, kernel, axes=((1, 4, 5), (1, 2, 3))) + bias, 3, 1)
    return out, (x, kernel, stride, padding)


def conv2d_backward_fast(grad_output, cache):
    x, kernel, s, p = cache
    kh, kw = kernel.shape[2:]
    h, w = grad_output.shape[2:]
    xp = np.pad(x, ((0, 0), (0, 0), (p, p), (p, p)))
    seen = np.lib.stride_tricks.sliding_window_view(xp, (kh, kw), axis=(2, 3))[:, :, :h, :w]
    grad_x = np.zeros(xp.shape)
    for u in range(kh):
        for v in range(kw):
            grad_x[:, :, u : u + h, v : v + w] += np.einsum(
                "boij,oc->bcij", grad_output, kernel[:, :, u, v]
            )
    grad_x = grad_x[:, :, p : p + x.shape[2], p : p + x.shape[3]]
    grad_k = np.tensordot(grad_output, seen, axes=((0, 2, 3), (0, 2, 3)))
    return grad_x, grad_k, grad_output.sum(axis=(0, 2, 3))


# %% conv2d-fast | wrong | trap: grad_kernel as (c_in, c_out, kh, kw)
def conv2d_forward_fast(x, kernel, bias, stride=1, padding=0):
    p = np.pad(x, ((0, 0), (0, 0), (padding,) * 2, (padding,) * 2))
    w = np.lib.stride_tricks.sliding_window_view(p, kernel.shape[2:], axis=(2, 3))
    w = w[:, :, ::stride, ::stride]
    out = np.moveaxis(np.tensordot(w, kernel, axes=((1, 4, 5), (1, 2, 3))) + bias, 3, 1)
    return out, (x, kernel, stride, padding)


def conv2d_backward_fast(grad_output, cache):
    x, kernel, s, p = cache
    kh, kw = kernel.shape[2:]
    h, w = grad_output.shape[2:]
    xp = np.pad(x, ((0, 0), (0, 0), (p, p), (p, p)))
    seen = np.lib.stride_tricks.sliding_window_view(xp, (kh, kw), axis=(2, 3))[:, :, ::s, ::s]
    grad_x = np.zeros(xp.shape)
    for u in range(kh):
        for v in range(kw):
            grad_x[:, :, u : u + s * h : s, v : v + s * w : s] += np.einsum(
                "boij,oc->bcij", grad_output, kernel[:, :, u, v]
            )
    grad_x = grad_x[:, :, p : p + x.shape[2], p : p + x.shape[3]]
    grad_k = np.tensordot(seen, grad_output, axes=((0, 2, 3), (0, 2, 3)))
    return grad_x, np.moveaxis(grad_k, 3, 1), grad_output.sum(axis=(0, 2, 3))


# %% conv2d-fast | wrong | the windows are written back, not added
def conv2d_forward_fast(x, kernel, bias, stride=1, padding=0):
    p = np.pad(x, ((0, 0), (0, 0), (padding,) * 2, (padding,) * 2))
    w = np.lib.stride_tricks.sliding_window_view(p, kernel.shape[2:], axis=(2, 3))
    w = w[:, :, ::stride, ::stride]
    out = np.moveaxis(np.tensordot(w, kernel, axes=((1, 4, 5), (1, 2, 3))) + bias, 3, 1)
    return out, (x, kernel, stride, padding)


def conv2d_backward_fast(grad_output, cache):
    x, kernel, s, p = cache
    kh, kw = kernel.shape[2:]
    h, w = grad_output.shape[2:]
    xp = np.pad(x, ((0, 0), (0, 0), (p, p), (p, p)))
    seen = np.lib.stride_tricks.sliding_window_view(xp, (kh, kw), axis=(2, 3))[:, :, ::s, ::s]
    grad_x = np.zeros(xp.shape)
    for u in range(kh):
        for v in range(kw):
            grad_x[:, :, u : u + s * h : s, v : v + s * w : s] = np.einsum(
                "boij,oc->bcij", grad_output, kernel[:, :, u, v]
            )
    grad_x = grad_x[:, :, p : p + x.shape[2], p : p + x.shape[3]]
    grad_k = np.tensordot(grad_output, seen, axes=((0, 2, 3), (0, 2, 3)))
    return grad_x, grad_k, grad_output.sum(axis=(0, 2, 3))


# %% conv2d-fast | wrong | the loops of exercises 5.3 and 5.4
def conv2d_forward_fast(x, kernel, bias, stride=1, padding=0):
    p = np.pad(x, ((0, 0), (0, 0), (padding,) * 2, (padding,) * 2))
    kh, kw = kernel.shape[2:]
    h, w = (p.shape[2] - kh) // stride + 1, (p.shape[3] - kw) // stride + 1
    out = np.zeros((len(x), len(kernel), h, w))
    for i in range(h):
        for j in range(w):
            window = p[:, :, stride * i : stride * i + kh, stride * j : stride * j + kw]
            out[:, :, i, j] = np.einsum("bcuv,ocuv->bo", window, kernel) + bias
    return out, (x, kernel, stride, padding)


def conv2d_backward_fast(grad_output, cache):
    x, kernel, s, p = cache
    H, W = x.shape[2:]
    xp = np.pad(x, ((0, 0), (0, 0), (p, p), (p, p)))
    kh, kw = kernel.shape[2:]
    grad_x, grad_k = np.zeros(xp.shape), np.zeros(kernel.shape)
    for i in range(grad_output.shape[2]):
        for j in range(grad_output.shape[3]):
            at = np.s_[:, :, s * i : s * i + kh, s * j : s * j + kw]
            grad_k += np.einsum("bo,bcuv->ocuv", grad_output[:, :, i, j], xp[at])
            grad_x[at] += np.einsum("bo,ocuv->bcuv", grad_output[:, :, i, j], kernel)
    return grad_x[:, :, p : p + H, p : p + W], grad_k, grad_output.sum(axis=(0, 2, 3))


# %% conv2d-fast | wrong | the bias is missing
def conv2d_forward_fast(x, kernel, bias, stride=1, padding=0):
    p = np.pad(x, ((0, 0), (0, 0), (padding,) * 2, (padding,) * 2))
    w = np.lib.stride_tricks.sliding_window_view(p, kernel.shape[2:], axis=(2, 3))
    w = w[:, :, ::stride, ::stride]
    out = np.moveaxis(np.tensordot(w, kernel, axes=((1, 4, 5), (1, 2, 3))), 3, 1)
    return out, (x, kernel, stride, padding)


def conv2d_backward_fast(grad_output, cache):
    x, kernel, s, p = cache
    kh, kw = kernel.shape[2:]
    h, w = grad_output.shape[2:]
    xp = np.pad(x, ((0, 0), (0, 0), (p, p), (p, p)))
    seen = np.lib.stride_tricks.sliding_window_view(xp, (kh, kw), axis=(2, 3))[:, :, ::s, ::s]
    grad_x = np.zeros(xp.shape)
    for u in range(kh):
        for v in range(kw):
            grad_x[:, :, u : u + s * h : s, v : v + s * w : s] += np.einsum(
                "boij,oc->bcij", grad_output, kernel[:, :, u, v]
            )
    grad_x = grad_x[:, :, p : p + x.shape[2], p : p + x.shape[3]]
    grad_k = np.tensordot(grad_output, seen, axes=((0, 2, 3), (0, 2, 3)))
    return grad_x, grad_k, grad_output.sum(axis=(0, 2, 3))


# %% conv2d-fast | right | im2col with index arrays
def conv2d_forward_fast(x, kernel, bias, stride=1, padding=0):
    columns, h, w, _, _ = im2col(x, kernel, stride, padding)
    out = columns @ kernel.reshape(len(kernel), -1).T + bias
    return out.reshape(len(x), h, w, -1).transpose(0, 3, 1, 2), (x, kernel, stride, padding)


def im2col(x, kernel, s, p):
    xp = np.pad(x, ((0, 0), (0, 0), (p, p), (p, p)))
    kh, kw = kernel.shape[2:]
    h, w = (xp.shape[2] - kh) // s + 1, (xp.shape[3] - kw) // s + 1
    rows = s * np.arange(h)[:, None, None, None] + np.arange(kh)[:, None]
    cols = s * np.arange(w)[None, :, None, None] + np.arange(kw)[None, :]
    taken = xp[:, :, rows, cols]  # B, c, h, w, kh, kw
    flat = taken.transpose(0, 2, 3, 1, 4, 5).reshape(len(x) * h * w, -1)
    return flat, h, w, rows, cols


def conv2d_backward_fast(grad_output, cache):
    x, kernel, s, p = cache
    o, c, kh, kw = kernel.shape
    columns, h, w, rows, cols = im2col(x, kernel, s, p)
    G = grad_output.transpose(0, 2, 3, 1).reshape(-1, o)
    grad_k = (G.T @ columns).reshape(kernel.shape)
    back = (G @ kernel.reshape(o, -1)).reshape(len(x), h, w, c, kh, kw)
    grad_x = np.zeros((len(x), c, x.shape[2] + 2 * p, x.shape[3] + 2 * p))
    for u in range(kh):
        for v in range(kw):
            grad_x[:, :, u : u + s * h : s, v : v + s * w : s] += back[..., u, v].transpose(
                0, 3, 1, 2
            )
    return grad_x[:, :, p : p + x.shape[2], p : p + x.shape[3]], grad_k, G.sum(axis=0)


# %% conv2d-fast | wrong | a loop over the images
def conv2d_forward_fast(x, kernel, bias, stride=1, padding=0):
    x_pad = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    every = np.lib.stride_tricks.sliding_window_view(x_pad, kernel.shape[2:], axis=(2, 3))
    windows = every[:, :, ::stride, ::stride]
    out = []
    for image in windows:
        out.append(np.einsum("cijuv,ocuv->oij", image, kernel) + bias[:, None, None])
    return np.array(out), (x, kernel, stride, padding)


def conv2d_backward_fast(grad_output, cache):
    x, kernel, stride, padding = cache
    height, width = grad_output.shape[2:]
    x_pad = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    every = np.lib.stride_tricks.sliding_window_view(x_pad, kernel.shape[2:], axis=(2, 3))
    windows = every[:, :, ::stride, ::stride]
    grad_kernel = np.zeros(kernel.shape)
    grad_x_pad = np.zeros(x_pad.shape)
    for b in range(len(x)):
        grad_kernel += np.einsum("oij,cijuv->ocuv", grad_output[b], windows[b])
        for u, v in np.ndindex(kernel.shape[2:]):
            grad_x_pad[b, :, u : u + stride * height : stride, v : v + stride * width : stride] += (
                np.einsum("oij,oc->cij", grad_output[b], kernel[:, :, u, v])
            )
    grad_x = grad_x_pad[:, :, padding : padding + x.shape[2], padding : padding + x.shape[3]]
    return grad_x, grad_kernel, grad_output.sum(axis=(0, 2, 3))


# %% conv2d-fast | wrong | a loop over the output channels
def conv2d_forward_fast(x, kernel, bias, stride=1, padding=0):
    x_pad = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    every = np.lib.stride_tricks.sliding_window_view(x_pad, kernel.shape[2:], axis=(2, 3))
    windows = every[:, :, ::stride, ::stride]
    out = np.stack(
        [np.einsum("bcijuv,cuv->bij", windows, k) + b for k, b in zip(kernel, bias)], axis=1
    )
    return out, (x, kernel, stride, padding)


def conv2d_backward_fast(grad_output, cache):
    x, kernel, stride, padding = cache
    height, width = grad_output.shape[2:]
    x_pad = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    every = np.lib.stride_tricks.sliding_window_view(x_pad, kernel.shape[2:], axis=(2, 3))
    windows = every[:, :, ::stride, ::stride]
    grad_kernel = np.stack(
        [np.einsum("bij,bcijuv->cuv", g, windows) for g in grad_output.swapaxes(0, 1)]
    )
    grad_x_pad = np.zeros(x_pad.shape)
    for u, v in np.ndindex(kernel.shape[2:]):
        grad_x_pad[:, :, u : u + stride * height : stride, v : v + stride * width : stride] += (
            np.einsum("boij,oc->bcij", grad_output, kernel[:, :, u, v])
        )
    grad_x = grad_x_pad[:, :, padding : padding + x.shape[2], padding : padding + x.shape[3]]
    return grad_x, grad_kernel, grad_output.sum(axis=(0, 2, 3))


# %% conv2d-fast | wrong | the tracer is switched off, the loops stay
def conv2d_forward_fast(x, kernel, bias, stride=1, padding=0):
    sys.settrace(None)
    x_pad = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    kh, kw = kernel.shape[2:]
    out = np.zeros(
        (
            len(x),
            len(kernel),
            (x_pad.shape[2] - kh) // stride + 1,
            (x_pad.shape[3] - kw) // stride + 1,
        )
    )
    for i in range(out.shape[2]):
        for j in range(out.shape[3]):
            window = x_pad[:, :, stride * i : stride * i + kh, stride * j : stride * j + kw]
            out[:, :, i, j] = np.einsum("bcuv,ocuv->bo", window, kernel) + bias
    return out, (x, kernel, stride, padding)


def conv2d_backward_fast(grad_output, cache):
    x, kernel, stride, padding = cache
    x_pad = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    kh, kw = kernel.shape[2:]
    grad_x_pad, grad_kernel = np.zeros(x_pad.shape), np.zeros(kernel.shape)
    for i in range(grad_output.shape[2]):
        for j in range(grad_output.shape[3]):
            G = grad_output[:, :, i, j]
            place = np.s_[:, :, stride * i : stride * i + kh, stride * j : stride * j + kw]
            grad_kernel += np.einsum("bo,bcuv->ocuv", G, x_pad[place])
            grad_x_pad[place] += np.einsum("bo,ocuv->bcuv", G, kernel)
    grad_x = grad_x_pad[:, :, padding : padding + x.shape[2], padding : padding + x.shape[3]]
    return grad_x, grad_kernel, grad_output.sum(axis=(0, 2, 3))


# %% conv2d-fast | wrong | a loop over the rows of the output
def conv2d_forward_fast(x, kernel, bias, stride=1, padding=0):
    x_pad = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    every = np.lib.stride_tricks.sliding_window_view(x_pad, kernel.shape[2:], axis=(2, 3))
    windows = every[:, :, ::stride, ::stride]
    out = np.stack(
        [np.einsum("bcjuv,ocuv->boj", windows[:, :, i], kernel) for i in range(windows.shape[2])],
        axis=2,
    )
    return out + bias[:, None, None], (x, kernel, stride, padding)


def conv2d_backward_fast(grad_output, cache):
    x, kernel, stride, padding = cache
    height, width = grad_output.shape[2:]
    x_pad = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    every = np.lib.stride_tricks.sliding_window_view(x_pad, kernel.shape[2:], axis=(2, 3))
    windows = every[:, :, ::stride, ::stride]
    grad_kernel = np.tensordot(grad_output, windows, axes=((0, 2, 3), (0, 2, 3)))
    grad_x_pad = np.zeros(x_pad.shape)
    for u, v in np.ndindex(kernel.shape[2:]):
        grad_x_pad[:, :, u : u + stride * height : stride, v : v + stride * width : stride] += (
            np.einsum("boij,oc->bcij", grad_output, kernel[:, :, u, v])
        )
    grad_x = grad_x_pad[:, :, padding : padding + x.shape[2], padding : padding + x.shape[3]]
    return grad_x, grad_kernel, grad_output.sum(axis=(0, 2, 3))


# %% conv2d-fast | right | einsum, optimized, and np.add.at
def conv2d_forward_fast(x, kernel, bias, stride=1, padding=0):
    x_pad = np.zeros((*x.shape[:2], x.shape[2] + 2 * padding, x.shape[3] + 2 * padding))
    x_pad[:, :, padding : padding + x.shape[2], padding : padding + x.shape[3]] = x
    every = np.lib.stride_tricks.sliding_window_view(x_pad, kernel.shape[2:], axis=(2, 3))
    windows = every[:, :, ::stride, ::stride]
    out = np.einsum("bcijuv,ocuv->boij", windows, kernel, optimize=True)
    return out + bias[None, :, None, None], (x, kernel, stride, padding)


def conv2d_backward_fast(grad_output, cache):
    x, kernel, stride, padding = cache
    B, c_in, H, W = x.shape
    kh, kw = kernel.shape[2:]
    i, j, u, v = np.ix_(*map(np.arange, (*grad_output.shape[2:], kh, kw)))
    rows, columns = stride * i + u, stride * j + v
    x_pad = np.pad(x, [(0, 0), (0, 0), (padding,) * 2, (padding,) * 2])
    windows = x_pad[:, :, rows, columns]
    grad_kernel = np.einsum("boij,bcijuv->ocuv", grad_output, windows, optimize=True)
    grad_x_pad = np.zeros(x_pad.shape)
    spread = np.einsum("boij,ocuv->bcijuv", grad_output, kernel, optimize=True)
    np.add.at(grad_x_pad, (slice(None), slice(None), rows, columns), spread)
    return (
        grad_x_pad[:, :, padding : padding + H, padding : padding + W],
        grad_kernel,
        np.einsum("boij->o", grad_output),
    )


# %% conv2d-fast | right | by the Fourier transform
def conv2d_forward_fast(x, kernel, bias, stride=1, padding=0):
    x_pad = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    size = x_pad.shape[2:]
    X, K = np.fft.rfft2(x_pad), np.fft.rfft2(kernel, s=size)
    whole = np.fft.irfft2(np.einsum("bchw,ochw->bohw", X, K.conj()), s=size)
    kh, kw = kernel.shape[2:]
    out = whole[:, :, : size[0] - kh + 1 : stride, : size[1] - kw + 1 : stride]
    return out + bias.reshape(-1, 1, 1), (x, kernel, stride, padding)


def conv2d_backward_fast(grad_output, cache):
    x, kernel, stride, padding = cache
    x_pad = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    size, (kh, kw) = x_pad.shape[2:], kernel.shape[2:]
    up = np.zeros((*grad_output.shape[:2], size[0] - kh + 1, size[1] - kw + 1))
    up[:, :, ::stride, ::stride] = grad_output
    X, K, G = np.fft.rfft2(x_pad), np.fft.rfft2(kernel, s=size), np.fft.rfft2(up, s=size)
    grad_x = np.fft.irfft2(np.einsum("bohw,ochw->bchw", G, K), s=size)
    grad_kernel = np.fft.irfft2(np.einsum("bohw,bchw->ochw", G.conj(), X), s=size)[:, :, :kh, :kw]
    grad_x = grad_x[:, :, padding : padding + x.shape[2], padding : padding + x.shape[3]]
    return grad_x, grad_kernel, grad_output.sum(axis=(0, 2, 3))


# %% conv2d-fast | right | shifted images, a loop over the kernel's places forward and backward
def conv2d_forward_fast(x, kernel, bias, stride=1, padding=0):
    x_pad = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    kh, kw = kernel.shape[2:]
    h, w = (x_pad.shape[2] - kh) // stride + 1, (x_pad.shape[3] - kw) // stride + 1
    out = np.zeros((len(x), len(kernel), h, w)) + bias[:, None, None]
    for u in range(kh):
        for v in range(kw):
            out += np.einsum(
                "bcij,oc->boij",
                x_pad[:, :, u : u + stride * h : stride, v : v + stride * w : stride],
                kernel[:, :, u, v],
            )
    return out, (x, kernel, stride, padding)


def conv2d_backward_fast(grad_output, cache):
    x, kernel, stride, padding = cache
    x_pad = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    grad_x, grad_kernel = np.zeros(x_pad.shape), np.zeros(kernel.shape)
    h, w = grad_output.shape[2:]
    for u in range(kernel.shape[2]):
        for v in range(kernel.shape[3]):
            place = np.s_[:, :, u : u + stride * h : stride, v : v + stride * w : stride]
            grad_kernel[:, :, u, v] = np.einsum("boij,bcij->oc", grad_output, x_pad[place])
            grad_x[place] += np.einsum("boij,oc->bcij", grad_output, kernel[:, :, u, v])
    return (
        grad_x[:, :, padding : padding + x.shape[2], padding : padding + x.shape[3]],
        grad_kernel,
        grad_output.sum((0, 2, 3)),
    )


# %% conv2d-fast | wrong | np.vectorize over the output pixels
def conv2d_forward_fast(x, kernel, bias, stride=1, padding=0):
    x_pad = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    kh, kw = kernel.shape[2:]
    h, w = (x_pad.shape[2] - kh) // stride + 1, (x_pad.shape[3] - kw) // stride + 1
    pixel = np.vectorize(
        lambda b, o, i, j: (
            np.sum(
                x_pad[b, :, stride * i : stride * i + kh, stride * j : stride * j + kw] * kernel[o]
            )
            + bias[o]
        )
    )
    return pixel(*np.indices((len(x), len(kernel), h, w))), (x, kernel, stride, padding)


def conv2d_backward_fast(grad_output, cache):
    x, kernel, stride, padding = cache
    x_pad = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    grad_x, grad_kernel = np.zeros(x_pad.shape), np.zeros(kernel.shape)
    h, w = grad_output.shape[2:]
    for u in range(kernel.shape[2]):
        for v in range(kernel.shape[3]):
            place = np.s_[:, :, u : u + stride * h : stride, v : v + stride * w : stride]
            grad_kernel[:, :, u, v] = np.einsum("boij,bcij->oc", grad_output, x_pad[place])
            grad_x[place] += np.einsum("boij,oc->bcij", grad_output, kernel[:, :, u, v])
    return (
        grad_x[:, :, padding : padding + x.shape[2], padding : padding + x.shape[3]],
        grad_kernel,
        grad_output.sum((0, 2, 3)),
    )


# %% conv2d-fast | wrong | a comprehension over the input channels
def conv2d_forward_fast(x, kernel, bias, stride=1, padding=0):
    x_pad = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    every = np.lib.stride_tricks.sliding_window_view(x_pad, kernel.shape[2:], axis=(2, 3))
    windows = every[:, :, ::stride, ::stride]
    return sum(
        np.tensordot(windows[:, c], kernel[:, c], axes=((3, 4), (1, 2))) for c in range(x.shape[1])
    ).transpose(0, 3, 1, 2) + bias[:, None, None], (x, kernel, stride, padding)


def conv2d_backward_fast(grad_output, cache):
    x, kernel, stride, padding = cache
    x_pad = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    grad_x, grad_kernel = np.zeros(x_pad.shape), np.zeros(kernel.shape)
    h, w = grad_output.shape[2:]
    for u in range(kernel.shape[2]):
        for v in range(kernel.shape[3]):
            place = np.s_[:, :, u : u + stride * h : stride, v : v + stride * w : stride]
            grad_kernel[:, :, u, v] = np.einsum("boij,bcij->oc", grad_output, x_pad[place])
            grad_x[place] += np.einsum("boij,oc->bcij", grad_output, kernel[:, :, u, v])
    return (
        grad_x[:, :, padding : padding + x.shape[2], padding : padding + x.shape[3]],
        grad_kernel,
        grad_output.sum((0, 2, 3)),
    )


# %% softmax-backward | wrong | a name is misspelled
def softmax_backward(grad_output, weights):
    np.sum(grad_output * weights, axis=-1, keepdims=True)
    return weights * (grad_output - avarage)


# %% cross-entropy-loss | wrong | 1e-12 is added in the log
def cross_entropy(logits, targets):
    logits = np.asarray(logits, dtype=float)
    B, n = logits.shape
    t = np.eye(n)[targets] if np.ndim(targets) == 1 else targets
    shifted = logits - logits.max(axis=1, keepdims=True)
    s = np.exp(shifted) / np.exp(shifted).sum(axis=1, keepdims=True)
    log_s = np.log(s + 1e-12)
    return -np.sum(t * log_s) / B, (np.exp(log_s) - t) / B


# %% cross-entropy-loss | wrong | divided by the number of classes
def cross_entropy(logits, targets):
    logits = np.asarray(logits, dtype=float)
    n, B = logits.shape
    
    t = np.eye(B)[targets] if np.ndim(targets) == 1 else targets
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_s = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return -np.sum(t * log_s) / B, (np.exp(log_s) - t) / B


# %% conv2d-forward | wrong | returns out only
def conv2d_forward(x, kernel, bias, stride=1, padding=0):
    B, C, H, W = x.shape
    M, _, kh, kw = kernel.shape
    xp = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    Ho = (H + 2 * padding - kh) // stride + 1
    Wo = (W + 2 * padding - kw) // stride + 1
    out = np.zeros((B, M, Ho, Wo))
    for i in range(Ho):
        for j in range(Wo):
            window = xp[:, :, stride * i : stride * i + kh, stride * j : stride * j + kw]
            out[:, :, i, j] = np.einsum("bcuv,ocuv->bo", window, kernel) + bias
    return out


# %% conv2d-forward | wrong | kw and kh mixed
def conv2d_forward(x, kernel, bias, stride=1, padding=0):
    B, C, H, W = x.shape
    M, _, kw, kh = kernel.shape
    xp = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    Ho = (H + 2 * padding - kh) // stride + 1
    Wo = (W + 2 * padding - kw) // stride + 1
    out = np.zeros((B, M, Ho, Wo))
    for i in range(Ho):
        for j in range(Wo):
            window = xp[:, :, stride * i : stride * i + kh, stride * j : stride * j + kw]
            out[:, :, i, j] = np.einsum("bcuv,ocuv->bo", window, kernel) + bias
    return out, (x, kernel, stride, padding)


# %% conv2d-forward | wrong | (H + 2p - kh) / stride, float range
def conv2d_forward(x, kernel, bias, stride=1, padding=0):
    B, C, H, W = x.shape
    M, _, kh, kw = kernel.shape
    xp = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    Ho = (H + 2 * padding - kh) / stride + 1
    Wo = (W + 2 * padding - kw) // stride + 1
    out = np.zeros((B, M, Ho, Wo))
    for i in range(Ho):
        for j in range(Wo):
            window = xp[:, :, stride * i : stride * i + kh, stride * j : stride * j + kw]
            out[:, :, i, j] = np.einsum("bcuv,ocuv->bo", window, kernel) + bias
    return out, (x, kernel, stride, padding)


# %% conv2d-backward | wrong | grad_bias keeps batch: sum over (2, 3)
def conv2d_backward(grad_output, cache):
    x, kernel, stride, padding = cache
    B, C, H, W = x.shape
    M, _, kh, kw = kernel.shape
    xp = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    grad_xp = np.zeros(xp.shape)
    grad_kernel = np.zeros(kernel.shape)
    for i in range(grad_output.shape[2]):
        for j in range(grad_output.shape[3]):
            G = grad_output[:, :, i, j]
            rows = slice(stride * i, stride * i + kh)
            cols = slice(stride * j, stride * j + kw)
            grad_kernel += np.einsum("bo,bcuv->ocuv", G, xp[:, :, rows, cols])
            grad_xp[:, :, rows, cols] += np.einsum("bo,ocuv->bcuv", G, kernel)
    return grad_xp[:, :, padding : padding + H, padding : padding + W], grad_kernel, grad_output.sum(axis=(2, 3))


# %% conv2d-backward | wrong | x not padded for the kernel gradient
def conv2d_backward(grad_output, cache):
    x, kernel, stride, padding = cache
    B, C, H, W = x.shape
    M, _, kh, kw = kernel.shape
    xp = x
    grad_xp = np.zeros((B, C, H + 2 * padding, W + 2 * padding))
    grad_kernel = np.zeros(kernel.shape)
    for i in range(grad_output.shape[2]):
        for j in range(grad_output.shape[3]):
            G = grad_output[:, :, i, j]
            rows = slice(stride * i, stride * i + kh)
            cols = slice(stride * j, stride * j + kw)
            grad_kernel += np.einsum("bo,bcuv->ocuv", G, xp[:, :, rows, cols])
            grad_xp[:, :, rows, cols] += np.einsum("bo,ocuv->bcuv", G, kernel)
    return grad_xp[:, :, padding : padding + H, padding : padding + W], grad_kernel, grad_output.sum(axis=(0, 2, 3))


# %% conv2d-backward | wrong | stride forgotten
def conv2d_backward(grad_output, cache):
    x, kernel, stride, padding = cache
    B, C, H, W = x.shape
    M, _, kh, kw = kernel.shape
    xp = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    grad_xp = np.zeros(xp.shape)
    grad_kernel = np.zeros(kernel.shape)
    for i in range(grad_output.shape[2]):
        for j in range(grad_output.shape[3]):
            G = grad_output[:, :, i, j]
            rows = slice(i, i + kh)
            cols = slice(j, j + kw)
            grad_kernel += np.einsum("bo,bcuv->ocuv", G, xp[:, :, rows, cols])
            grad_xp[:, :, rows, cols] += np.einsum("bo,ocuv->bcuv", G, kernel)
    return grad_xp[:, :, padding : padding + H, padding : padding + W], grad_kernel, grad_output.sum(axis=(0, 2, 3))


# %% max-pool2d | wrong | stride None not replaced
def max_pool2d_forward(x, size, stride=None):
    B, C, H, W = x.shape
    out = np.zeros((B, C, (H - size) // stride + 1, (W - size) // stride + 1))
    for i in range(out.shape[2]):
        for j in range(out.shape[3]):
            out[:, :, i, j] = x[:, :, i * stride : i * stride + size, j * stride : j * stride + size].max(axis=(2, 3))
    return out, (x, size, stride)


def max_pool2d_backward(grad_output, cache):
    x, size, stride = cache
    B, C, H, W = x.shape
    grad = np.zeros(x.shape)
    for i in range(grad_output.shape[2]):
        for j in range(grad_output.shape[3]):
            rows = slice(i * stride, i * stride + size)
            cols = slice(j * stride, j * stride + size)
            winner = x[:, :, rows, cols].reshape(B, C, size * size).argmax(axis=-1)
            part = (winner[:, :, None] == np.arange(size * size)) * grad_output[:, :, i, j, None]
            grad[:, :, rows, cols] += part.reshape(B, C, size, size)
    return grad


# %% max-pool2d | wrong | zeros_like(x) with integer x in backward
def max_pool2d_forward(x, size, stride=None):
    if stride is None:
        stride = size
    B, C, H, W = x.shape
    out = np.zeros((B, C, (H - size) // stride + 1, (W - size) // stride + 1))
    for i in range(out.shape[2]):
        for j in range(out.shape[3]):
            out[:, :, i, j] = x[:, :, i * stride : i * stride + size, j * stride : j * stride + size].max(axis=(2, 3))
    return out, (x, size, stride)


def max_pool2d_backward(grad_output, cache):
    x, size, stride = cache
    B, C, H, W = x.shape
    grad = np.zeros_like(x)
    for i in range(grad_output.shape[2]):
        for j in range(grad_output.shape[3]):
            rows = slice(i * stride, i * stride + size)
            cols = slice(j * stride, j * stride + size)
            winner = x[:, :, rows, cols].reshape(B, C, size * size).argmax(axis=-1)
            part = (winner[:, :, None] == np.arange(size * size)) * grad_output[:, :, i, j, None]
            grad[:, :, rows, cols] += part.reshape(B, C, size, size)
    return grad


# %% max-pool2d | wrong | max over axis 2 only
def max_pool2d_forward(x, size, stride=None):
    if stride is None:
        stride = size
    B, C, H, W = x.shape
    out = np.zeros((B, C, (H - size) // stride + 1, (W - size) // stride + 1))
    for i in range(out.shape[2]):
        for j in range(out.shape[3]):
            out[:, :, i, j] = x[:, :, i * stride : i * stride + size, j * stride : j * stride + size].max(axis=2).max(axis=1)
    return out, (x, size, stride)


def max_pool2d_backward(grad_output, cache):
    x, size, stride = cache
    B, C, H, W = x.shape
    grad = np.zeros(x.shape)
    for i in range(grad_output.shape[2]):
        for j in range(grad_output.shape[3]):
            rows = slice(i * stride, i * stride + size)
            cols = slice(j * stride, j * stride + size)
            winner = x[:, :, rows, cols].reshape(B, C, size * size).argmax(axis=-1)
            part = (winner[:, :, None] == np.arange(size * size)) * grad_output[:, :, i, j, None]
            grad[:, :, rows, cols] += part.reshape(B, C, size, size)
    return grad


# %% batchnorm-forward | wrong | evaluation uses the statistics of the batch
def batchnorm_forward(x, gamma, beta, running_mean, running_var, training, momentum=0.1, eps=1e-5):
    if training:
        if len(x) == 1:
            raise ValueError("a batch of 1 has no variance")
        mean, var = x.mean(axis=0), x.var(axis=0)
        running_mean = (1 - momentum) * running_mean + momentum * mean
        running_var = (1 - momentum) * running_var + momentum * x.var(axis=0, ddof=1)
    else:
        mean, var = x.mean(axis=0), x.var(axis=0)
    inv_std = 1 / np.sqrt(var + eps)
    x_hat = (x - mean) * inv_std
    return gamma * x_hat + beta, (x_hat, inv_std, gamma, training), running_mean, running_var


# %% batchnorm-forward | wrong | returns out and cache only
def batchnorm_forward(x, gamma, beta, running_mean, running_var, training, momentum=0.1, eps=1e-5):
    if training:
        if len(x) == 1:
            raise ValueError("a batch of 1 has no variance")
        mean, var = x.mean(axis=0), x.var(axis=0)
        running_mean = (1 - momentum) * running_mean + momentum * mean
        running_var = (1 - momentum) * running_var + momentum * x.var(axis=0, ddof=1)
    else:
        mean, var = running_mean, running_var
    inv_std = 1 / np.sqrt(var + eps)
    x_hat = (x - mean) * inv_std
    return gamma * x_hat + beta, (x_hat, inv_std, gamma, training)


# %% batchnorm-backward-staged | wrong | grad_squared of shape (n,)
def batchnorm_backward_staged(grad_output, x, gamma, eps=1e-5):
    B = len(x)
    mean = x.mean(axis=0)
    centered = x - mean
    squared = centered**2
    var = squared.mean(axis=0)
    std = np.sqrt(var + eps)
    inv_std = 1 / std
    x_hat = centered * inv_std
    grad_out = grad_output
    grad_beta = grad_out.sum(axis=0)
    grad_gamma = (grad_out * x_hat).sum(axis=0)
    grad_x_hat = gamma * grad_out
    grad_inv_std = (grad_x_hat * centered).sum(axis=0)
    grad_std = -grad_inv_std / std**2
    grad_var = grad_std / (2 * std)
    grad_squared = grad_var / B
    grad_centered = grad_x_hat * inv_std + grad_squared * 2 * centered
    grad_mean = -grad_centered.sum(axis=0)
    grad_x = grad_centered + grad_mean / B
    return {"out": grad_out, "x_hat": grad_x_hat, "inv_std": grad_inv_std, "std": grad_std, "var": grad_var,
            "squared": grad_squared, "centered": grad_centered, "mean": grad_mean, "x": grad_x,
            "gamma": grad_gamma, "beta": grad_beta}


# %% batchnorm-backward-staged | wrong | grad_gamma with x instead of x_hat
def batchnorm_backward_staged(grad_output, x, gamma, eps=1e-5):
    B = len(x)
    mean = x.mean(axis=0)
    centered = x - mean
    squared = centered**2
    var = squared.mean(axis=0)
    std = np.sqrt(var + eps)
    inv_std = 1 / std
    centered * inv_std
    grad_out = grad_output
    grad_beta = grad_out.sum(axis=0)
    grad_gamma = (grad_out * x).sum(axis=0)
    grad_x_hat = gamma * grad_out
    grad_inv_std = (grad_x_hat * centered).sum(axis=0)
    grad_std = -grad_inv_std / std**2
    grad_var = grad_std / (2 * std)
    grad_squared = np.ones_like(centered) * grad_var / B
    grad_centered = grad_x_hat * inv_std + grad_squared * 2 * centered
    grad_mean = -grad_centered.sum(axis=0)
    grad_x = grad_centered + grad_mean / B
    return {"out": grad_out, "x_hat": grad_x_hat, "inv_std": grad_inv_std, "std": grad_std, "var": grad_var,
            "squared": grad_squared, "centered": grad_centered, "mean": grad_mean, "x": grad_x,
            "gamma": grad_gamma, "beta": grad_beta}


# %% batchnorm-backward | wrong | grad_gamma multiplied by gamma
def batchnorm_backward(grad_output, cache):
    x_hat, inv_std, gamma, training = cache
    B = len(x_hat)
    grad_beta = grad_output.sum(axis=0)
    grad_gamma = (grad_output * x_hat).sum(axis=0)
    if training:
        grad_x = gamma * inv_std / B * (B * grad_output - grad_beta - x_hat * grad_gamma)
    else:
        grad_x = gamma * inv_std * grad_output
    return grad_x, gamma * grad_gamma, grad_beta


# %% layernorm | wrong | parameters summed along the last axis
def layernorm_forward(x, gamma, beta, eps=1e-5):
    c = x - x.mean(axis=-1, keepdims=True)
    inv_std = 1 / np.sqrt((c**2).mean(axis=-1, keepdims=True) + eps)
    x_hat = c * inv_std
    return gamma * x_hat + beta, (x_hat, inv_std, gamma)


def layernorm_backward(grad_output, cache):
    x_hat, inv_std, gamma = cache
    h = gamma * grad_output
    tuple(range(x_hat.ndim - 1))
    grad_x = inv_std * (h - h.mean(axis=-1, keepdims=True) - x_hat * (h * x_hat).mean(axis=-1, keepdims=True))
    return grad_x, (grad_output * x_hat).sum(axis=-1), grad_output.sum(axis=-1)


# %% dropout | wrong | raises only in training
def dropout_forward(x, rate, training, rng):
    if not training:
        return x, None
    if not 0 <= rate < 1:
        raise ValueError("rate must be in [0, 1)")
    mask = (rng.random(x.shape) >= rate).astype(float)
    return x * mask / (1 - rate), mask


def dropout_backward(grad_output, mask, rate):
    if mask is None:
        return grad_output
    return grad_output * mask / (1 - rate)


# %% attention-forward | wrong | K.T reverses all axes
def attention_forward(Q, K, V, mask=None):
    scores = Q @ K.T / np.sqrt(Q.shape[-1])
    if mask is not None:
        scores = np.where(mask, scores, -np.inf)
    highest = scores.max(axis=-1, keepdims=True)
    e = np.exp(scores - np.where(np.isfinite(highest), highest, 0.0))
    total = e.sum(axis=-1, keepdims=True)
    weights = e / np.where(total > 0, total, 1.0)
    return weights @ V, weights


# %% attention-forward | wrong | -1e9 instead of -inf
def attention_forward(Q, K, V, mask=None):
    scores = Q @ np.swapaxes(K, -1, -2) / np.sqrt(Q.shape[-1])
    if mask is not None:
        scores = np.where(mask, scores, -1e9)
    highest = scores.max(axis=-1, keepdims=True)
    e = np.exp(scores - np.where(np.isfinite(highest), highest, 0.0))
    total = e.sum(axis=-1, keepdims=True)
    weights = e / np.where(total > 0, total, 1.0)
    return weights @ V, weights


# %% attention-forward | wrong | divides by sqrt of T
def attention_forward(Q, K, V, mask=None):
    scores = Q @ np.swapaxes(K, -1, -2) / np.sqrt(Q.shape[1])
    if mask is not None:
        scores = np.where(mask, scores, -np.inf)
    highest = scores.max(axis=-1, keepdims=True)
    e = np.exp(scores - np.where(np.isfinite(highest), highest, 0.0))
    total = e.sum(axis=-1, keepdims=True)
    weights = e / np.where(total > 0, total, 1.0)
    return weights @ V, weights


# %% attention-backward | wrong | softmax_backward arguments swapped
def attention_backward(grad_output, Q, K, V, weights):
    grad_V = np.swapaxes(weights, -1, -2) @ grad_output
    grad_weights = grad_output @ np.swapaxes(V, -1, -2)
    grad_scores = softmax_backward(weights, grad_weights) / np.sqrt(Q.shape[-1])
    return grad_scores @ K, np.swapaxes(grad_scores, -1, -2) @ Q, grad_V


# %% attention-backward | wrong | order V, K, Q
def attention_backward(grad_output, Q, K, V, weights):
    grad_V = np.swapaxes(weights, -1, -2) @ grad_output
    grad_weights = grad_output @ np.swapaxes(V, -1, -2)
    grad_scores = softmax_backward(grad_weights, weights) / np.sqrt(Q.shape[-1])
    return grad_V, np.swapaxes(grad_scores, -1, -2) @ Q, grad_scores @ K


# %% rnn-step-backward | wrong | the slope of tanh is taken at h
def rnn_step_backward(grad_h_next, cache):
    x, h, W_x, W_h, h_next = cache
    a = grad_h_next * (1 - h**2)
    return a @ W_x, a @ W_h, a.T @ x, a.T @ h, a.sum(axis=0)


# %% swapped-hunt | wrong | counterexample kernel larger than image
def kernel_gradient(grad_output, x):
    """Return the gradient with respect to the kernel, shape (c_out, c_in, kh, kw)."""
    windows = np.lib.stride_tricks.sliding_window_view(x, grad_output.shape[2:], axis=(2, 3))
    return np.einsum("bcuvij,boij->ocuv", windows, grad_output)


def counterexample_1():
    return np.ones((1, 2, 4, 4)), np.ones((1, 1, 3, 3))


# %% transpose-hunt | wrong | np.transpose(K, (0, 2, 1))
def attention_scores(Q, K):
    return Q @ np.transpose(K, (0, 2, 1)) / np.sqrt(Q.shape[-1])


def counterexample_2():
    return np.array([[1.0, 0.0]]), np.array([[5.0, 2.0], [3.0, 7.0]])


# %% scale-hunt | wrong | counterexample rate 1
def dropped_layer_gradient(grad_output, x, mask, rate):
    return grad_output.T @ (x * mask) / (1 - rate)


def counterexample_3():
    return np.ones((1, 1)), np.ones((1, 2)), np.array([[1.0, 1.0]]), 1.0


# %% pixels-hunt | wrong | no keepdims
def image_gamma_gradient(grad_output, x, eps=1e-5):
    mean = x.mean(axis=(0, 2, 3))
    var = x.var(axis=(0, 2, 3))
    x_hat = (x - mean) / np.sqrt(var + eps)
    return np.sum(grad_output * x_hat, axis=(0, 2, 3))


def counterexample_5():
    G, x = np.array([1.0, 0.0]), np.array([1.0, 2.0])
    return G.reshape(1, 1, 1, 2), x.reshape(1, 1, 1, 2)


# %% pixels-hunt | wrong | the counterexample proves nothing
def image_gamma_gradient(grad_output, x, eps=1e-5):
    mean = x.mean(axis=(0, 2, 3), keepdims=True)
    var = x.var(axis=(0, 2, 3), keepdims=True)
    x_hat = (x - mean) / np.sqrt(var + eps)
    return np.sum(grad_output * x_hat, axis=(0, 2, 3))


def counterexample_5():
    G, x = np.array([1.0, 0.0]), np.array([1.0, 2.0])
    return G.reshape(2, 1, 1, 1), x.reshape(2, 1, 1, 1)


# %% conv2d-fast | wrong | no swapaxes forward
def conv2d_forward_fast(x, kernel, bias, stride=1, padding=0):
    xp = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    windows = np.lib.stride_tricks.sliding_window_view(xp, kernel.shape[2:], axis=(2, 3))[:, :, ::stride, ::stride]
    out = np.tensordot(kernel, windows, axes=((1, 2, 3), (1, 4, 5))) + bias[:, None, None]
    return out, (x, kernel, stride, padding)


def conv2d_backward_fast(grad_output, cache):
    x, kernel, r, padding = cache
    B, C, H, W = x.shape
    kh, kw = kernel.shape[2:]
    Ho, Wo = grad_output.shape[2:]
    xp = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    windows = np.lib.stride_tricks.sliding_window_view(xp, (kh, kw), axis=(2, 3))[:, :, ::r, ::r]
    grad_kernel = np.tensordot(grad_output, windows, axes=((0, 2, 3), (0, 2, 3)))
    parts = np.tensordot(kernel, grad_output, axes=(0, 1))
    grad_xp = np.zeros(xp.shape)
    for u in range(kh):
        for v in range(kw):
            grad_xp[:, :, u : u + r * Ho : r, v : v + r * Wo : r] += parts[:, u, v].swapaxes(0, 1)
    return grad_xp[:, :, padding : padding + H, padding : padding + W], grad_kernel, grad_output.sum(axis=(0, 2, 3))


# %% cross-entropy-loss | wrong | divided by the entries of the targets
def cross_entropy(logits, targets):
    logits = np.asarray(logits, dtype=float)
    B, n = logits.shape
    t = np.eye(n)[targets] if np.ndim(targets) == 1 else targets
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_s = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return -np.sum(t * log_s) / np.count_nonzero(t), (np.exp(log_s) - t) / B


# %% conv2d-backward | wrong | np.zeros_like(kernel) (integer kernels)
def conv2d_backward(grad_output, cache):
    x, kernel, stride, padding = cache
    B, C, H, W = x.shape
    M, _, kh, kw = kernel.shape
    xp = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    grad_xp = np.zeros(xp.shape)
    grad_kernel = np.zeros_like(kernel)
    for i in range(grad_output.shape[2]):
        for j in range(grad_output.shape[3]):
            G = grad_output[:, :, i, j]
            rows = slice(stride * i, stride * i + kh)
            cols = slice(stride * j, stride * j + kw)
            grad_kernel += np.einsum("bo,bcuv->ocuv", G, xp[:, :, rows, cols])
            grad_xp[:, :, rows, cols] += np.einsum("bo,ocuv->bcuv", G, kernel)
    return grad_xp[:, :, padding : padding + H, padding : padding + W], grad_kernel, grad_output.sum(axis=(0, 2, 3))


# %% max-pool2d | wrong | cache stride None when not given
def max_pool2d_forward(x, size, stride=None):
    if stride is None:
        stride = size
    B, C, H, W = x.shape
    out = np.zeros((B, C, (H - size) // stride + 1, (W - size) // stride + 1))
    for i in range(out.shape[2]):
        for j in range(out.shape[3]):
            out[:, :, i, j] = x[:, :, i * stride : i * stride + size, j * stride : j * stride + size].max(axis=(2, 3))
    return out, (x, size, None if stride == size else stride)


def max_pool2d_backward(grad_output, cache):
    x, size, stride = cache
    B, C, H, W = x.shape
    grad = np.zeros(x.shape)
    for i in range(grad_output.shape[2]):
        for j in range(grad_output.shape[3]):
            rows = slice(i * stride, i * stride + size)
            cols = slice(j * stride, j * stride + size)
            winner = x[:, :, rows, cols].reshape(B, C, size * size).argmax(axis=-1)
            part = (winner[:, :, None] == np.arange(size * size)) * grad_output[:, :, i, j, None]
            grad[:, :, rows, cols] += part.reshape(B, C, size, size)
    return grad


# %% batchnorm-backward | wrong | np.mean with wrong axis for third term
def batchnorm_backward(grad_output, cache):
    x_hat, inv_std, gamma, training = cache
    B = len(x_hat)
    grad_beta = grad_output.sum(axis=0)
    grad_gamma = (grad_output * x_hat).sum(axis=0)
    if training:
        grad_x = gamma * inv_std / B * (B * grad_output - grad_beta - x_hat * (grad_output * x_hat).sum())
    else:
        grad_x = gamma * inv_std * grad_output
    return grad_x, grad_gamma, grad_beta


# %% dropout | wrong | x *= mask in place
def dropout_forward(x, rate, training, rng):
    if not 0 <= rate < 1:
        raise ValueError("rate must be in [0, 1)")
    if not training:
        return x, None
    mask = (rng.random(x.shape) >= rate).astype(float)
    x *= mask
    x /= 1 - rate
    return x, mask


def dropout_backward(grad_output, mask, rate):
    if mask is None:
        return grad_output
    return grad_output * mask / (1 - rate)


# %% dropout | wrong | exact share: permuted mask
def dropout_forward(x, rate, training, rng):
    if not 0 <= rate < 1:
        raise ValueError("rate must be in [0, 1)")
    if not training:
        return x, None
    mask = np.ones(x.size)
    mask[: int(rate * x.size)] = 0
    mask = rng.permutation(mask).reshape(x.shape)
    return x * mask / (1 - rate), mask


def dropout_backward(grad_output, mask, rate):
    if mask is None:
        return grad_output
    return grad_output * mask / (1 - rate)


# %% attention-forward | wrong | scores[~mask] = -inf
def attention_forward(Q, K, V, mask=None):
    scores = Q @ np.swapaxes(K, -1, -2) / np.sqrt(Q.shape[-1])
    if mask is not None:
        scores[~mask] = -np.inf
    highest = scores.max(axis=-1, keepdims=True)
    e = np.exp(scores - np.where(np.isfinite(highest), highest, 0.0))
    total = e.sum(axis=-1, keepdims=True)
    weights = e / np.where(total > 0, total, 1.0)
    return weights @ V, weights


# %% attention-backward | wrong | scale applied to Q only
def attention_backward(grad_output, Q, K, V, weights):
    grad_V = np.swapaxes(weights, -1, -2) @ grad_output
    grad_weights = grad_output @ np.swapaxes(V, -1, -2)
    grad_scores = softmax_backward(grad_weights, weights)
    return grad_scores @ K / np.sqrt(Q.shape[-1]), np.swapaxes(grad_scores, -1, -2) @ Q, grad_V


# %% embedding-backward | wrong | integer table np.zeros(..., dtype=tokens.dtype)
def embedding_backward(grad_output, tokens, vocabulary_size):
    grad = np.zeros((vocabulary_size, grad_output.shape[-1]), dtype=int)
    np.add.at(grad, tokens, grad_output)
    return grad


# %% conv2d-fast | wrong | np.apply/map over images
def conv2d_forward_fast(x, kernel, bias, stride=1, padding=0):
    xp = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    windows = np.lib.stride_tricks.sliding_window_view(xp, kernel.shape[2:], axis=(2, 3))[:, :, ::stride, ::stride]
    from functools import partial
    f = partial(np.tensordot, kernel, axes=((1, 2, 3), (0, 3, 4)))
    out = np.array(list(map(f, windows))) + bias[:, None, None]
    return out, (x, kernel, stride, padding)


def conv2d_backward_fast(grad_output, cache):
    x, kernel, r, padding = cache
    B, C, H, W = x.shape
    kh, kw = kernel.shape[2:]
    Ho, Wo = grad_output.shape[2:]
    xp = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    windows = np.lib.stride_tricks.sliding_window_view(xp, (kh, kw), axis=(2, 3))[:, :, ::r, ::r]
    grad_kernel = np.tensordot(grad_output, windows, axes=((0, 2, 3), (0, 2, 3)))
    parts = np.tensordot(kernel, grad_output, axes=(0, 1))
    grad_xp = np.zeros(xp.shape)
    for u in range(kh):
        for v in range(kw):
            grad_xp[:, :, u : u + r * Ho : r, v : v + r * Wo : r] += parts[:, u, v].swapaxes(0, 1)
    return grad_xp[:, :, padding : padding + H, padding : padding + W], grad_kernel, grad_output.sum(axis=(0, 2, 3))


# %% softmax-backward | wrong | integers stay integers
def softmax_backward(grad_output, weights):
    d = grad_output - np.sum(grad_output * weights, axis=-1, keepdims=True)
    return weights * d


# %% conv2d-forward | wrong | stride of rows only
def conv2d_forward(x, kernel, bias, stride=1, padding=0):
    xp = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    w = np.lib.stride_tricks.sliding_window_view(xp, kernel.shape[2:], axis=(2, 3))[:, :, ::stride]
    w = w[:, :, :, : (xp.shape[3] - kernel.shape[3]) // stride + 1]
    return np.einsum("bchwij,ocij->bohw", w, kernel) + bias[:, None, None], (x, kernel, stride, padding)


# %% conv2d-forward | wrong | bias along the columns
def conv2d_forward(x, kernel, bias, stride=1, padding=0):
    xp = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    w = np.lib.stride_tricks.sliding_window_view(xp, kernel.shape[2:], axis=(2, 3))[:, :, ::stride, ::stride]
    out = np.einsum("bchwij,ocij->bohw", w, kernel)
    return out + np.resize(bias, out.shape[3]), (x, kernel, stride, padding)


# %% conv2d-forward | wrong | no remainder allowed
def conv2d_forward(x, kernel, bias, stride=1, padding=0):
    """Slide a kernel over a batch of images.

    Parameters
    ----------
    x : ndarray, shape (B, c_in, H, W)
        The images.
    kernel : ndarray, shape (c_out, c_in, kh, kw)
        The weights, not flipped.
    bias : ndarray, shape (c_out,)
        Added to every pixel of an output channel.
    stride : int
        How far the window moves, down and to the right.
    padding : int
        Zeros around each image, on all four sides.

    Returns
    -------
    out : ndarray, shape (B, c_out, (H + 2 * padding - kh) // stride + 1, likewise for W and kw)
    cache : tuple
        ``(x, kernel, stride, padding)``, x without padding.
    """
    x_pad = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    c_out, _, kh, kw = kernel.shape
    height = (x_pad.shape[2] - kh) // stride + 1
    width = (x_pad.shape[3] - kw) // stride + 1
    out = np.empty((len(x), c_out, height, width))
    for i in range(height):
        for j in range(width):
            rows = slice(stride * i, stride * i + kh)
            columns = slice(stride * j, stride * j + kw)
            window = x_pad[:, :, rows, columns]
            out[:, :, i, j] = np.einsum("bcuv,ocuv->bo", window, kernel) + bias
    return out, (x, kernel, stride, padding)


_cf = conv2d_forward
def conv2d_forward(x, kernel, bias, stride=1, padding=0):
    assert (x.shape[2] + 2 * padding - kernel.shape[2]) % stride == 0
    assert (x.shape[3] + 2 * padding - kernel.shape[3]) % stride == 0
    return _cf(x, kernel, bias, stride, padding)


# %% conv2d-forward | wrong | padding 2 and more counts as 1
def conv2d_forward(x, kernel, bias, stride=1, padding=0):
    """Slide a kernel over a batch of images.

    Parameters
    ----------
    x : ndarray, shape (B, c_in, H, W)
        The images.
    kernel : ndarray, shape (c_out, c_in, kh, kw)
        The weights, not flipped.
    bias : ndarray, shape (c_out,)
        Added to every pixel of an output channel.
    stride : int
        How far the window moves, down and to the right.
    padding : int
        Zeros around each image, on all four sides.

    Returns
    -------
    out : ndarray, shape (B, c_out, (H + 2 * padding - kh) // stride + 1, likewise for W and kw)
    cache : tuple
        ``(x, kernel, stride, padding)``, x without padding.
    """
    x_pad = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    c_out, _, kh, kw = kernel.shape
    height = (x_pad.shape[2] - kh) // stride + 1
    width = (x_pad.shape[3] - kw) // stride + 1
    out = np.empty((len(x), c_out, height, width))
    for i in range(height):
        for j in range(width):
            rows = slice(stride * i, stride * i + kh)
            columns = slice(stride * j, stride * j + kw)
            window = x_pad[:, :, rows, columns]
            out[:, :, i, j] = np.einsum("bcuv,ocuv->bo", window, kernel) + bias
    return out, (x, kernel, stride, padding)


_cf = conv2d_forward
def conv2d_forward(x, kernel, bias, stride=1, padding=0):
    out, _ = _cf(x, kernel, bias, stride, min(padding, 1))
    return out, (x, kernel, stride, padding)


# %% conv2d-backward | wrong | no remainder in grad_x
def conv2d_backward(grad_output, cache):
    """Send a gradient back through `conv2d_forward`.

    Parameters
    ----------
    grad_output : ndarray, shape (B, c_out, H_out, W_out)
        The gradient with respect to the output.
    cache : tuple
        ``(x, kernel, stride, padding)``: x (B, c_in, H, W), kernel (c_out, c_in, kh, kw).

    Returns
    -------
    grad_x : ndarray, shape (B, c_in, H, W)
    grad_kernel : ndarray, shape (c_out, c_in, kh, kw)
    grad_bias : ndarray, shape (c_out,)
    """
    x, kernel, stride, padding = cache
    H, W = x.shape[2:]
    kh, kw = kernel.shape[2:]
    x_pad = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    grad_x_pad, grad_kernel = np.zeros(x_pad.shape), np.zeros(kernel.shape)
    for i in range(grad_output.shape[2]):
        for j in range(grad_output.shape[3]):
            rows = slice(stride * i, stride * i + kh)
            columns = slice(stride * j, stride * j + kw)
            G = grad_output[:, :, i, j]
            grad_kernel += np.einsum("bo,bcuv->ocuv", G, x_pad[:, :, rows, columns])
            grad_x_pad[:, :, rows, columns] += np.einsum("bo,ocuv->bcuv", G, kernel)
    grad_x = grad_x_pad[:, :, padding : padding + H, padding : padding + W]
    return grad_x, grad_kernel, grad_output.sum(axis=(0, 2, 3))


_cb = conv2d_backward
def conv2d_backward(grad_output, cache):
    x, k, s, p = cache
    gx, gk, gb = _cb(grad_output, cache)
    used = (grad_output.shape[2] - 1) * s + k.shape[2] - 2 * p
    return gx[:, :, :used], gk, gb


# %% conv2d-backward | wrong | first image only for the kernel
def conv2d_backward(grad_output, cache):
    """Send a gradient back through `conv2d_forward`.

    Parameters
    ----------
    grad_output : ndarray, shape (B, c_out, H_out, W_out)
        The gradient with respect to the output.
    cache : tuple
        ``(x, kernel, stride, padding)``: x (B, c_in, H, W), kernel (c_out, c_in, kh, kw).

    Returns
    -------
    grad_x : ndarray, shape (B, c_in, H, W)
    grad_kernel : ndarray, shape (c_out, c_in, kh, kw)
    grad_bias : ndarray, shape (c_out,)
    """
    x, kernel, stride, padding = cache
    H, W = x.shape[2:]
    kh, kw = kernel.shape[2:]
    x_pad = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    grad_x_pad, grad_kernel = np.zeros(x_pad.shape), np.zeros(kernel.shape)
    for i in range(grad_output.shape[2]):
        for j in range(grad_output.shape[3]):
            rows = slice(stride * i, stride * i + kh)
            columns = slice(stride * j, stride * j + kw)
            G = grad_output[:, :, i, j]
            grad_kernel += np.einsum("bo,bcuv->ocuv", G, x_pad[:, :, rows, columns])
            grad_x_pad[:, :, rows, columns] += np.einsum("bo,ocuv->bcuv", G, kernel)
    grad_x = grad_x_pad[:, :, padding : padding + H, padding : padding + W]
    return grad_x, grad_kernel, grad_output.sum(axis=(0, 2, 3))


_cb = conv2d_backward
def conv2d_backward(grad_output, cache):
    x, k, s, p = cache
    gx, gk, gb = _cb(grad_output, cache)
    return gx, _cb(grad_output[:1], (x[:1], k, s, p))[1] * len(x), gb


# %% batchnorm-forward | wrong | momentum fixed
def batchnorm_forward(x, gamma, beta, running_mean, running_var, training, momentum=0.1, eps=1e-5):
    """Normalize each column of a batch of rows.

    Parameters
    ----------
    x : ndarray, shape (B, n)
        The batch.
    gamma, beta : ndarray, shape (n,)
        Scale and shift.
    running_mean, running_var : ndarray, shape (n,)
        The running statistics so far; not changed.
    training : bool
        Whether to use the batch's statistics; else the running ones.
    momentum : float
        The weight of this batch in the new running statistics.
    eps : float
        Added to the variance, under the root.

    Returns
    -------
    out : ndarray, shape (B, n)
    cache : tuple
        ``(x_hat, inv_std, gamma, training)``; x_hat (B, n), inv_std (n,).
    running_mean, running_var : ndarray, shape (n,)
        The new running statistics; in evaluation the old ones.

    Raises
    ------
    ValueError
        In training, if B is 1.
    """
    mean, var = running_mean, running_var
    if training:
        if len(x) == 1:
            raise ValueError("a batch of 1 has no variance: train with at least 2 examples")
        mean, var = x.mean(axis=0), x.var(axis=0)
        running_mean = (1 - momentum) * running_mean + momentum * mean
        running_var = (1 - momentum) * running_var + momentum * x.var(axis=0, ddof=1)
    inv_std = 1 / np.sqrt(var + eps)
    x_hat = (x - mean) * inv_std
    out = gamma * x_hat + beta
    return out, (x_hat, inv_std, gamma, training), running_mean, running_var


_bf = batchnorm_forward
def batchnorm_forward(x, gamma, beta, running_mean, running_var, training, momentum=0.1, eps=1e-5):
    return _bf(x, gamma, beta, running_mean, running_var, training, 0.1, eps)


# %% batchnorm-forward | wrong | one row is refused in evaluation too
def batchnorm_forward(x, gamma, beta, running_mean, running_var, training, momentum=0.1, eps=1e-5):
    """Normalize each column of a batch of rows.

    Parameters
    ----------
    x : ndarray, shape (B, n)
        The batch.
    gamma, beta : ndarray, shape (n,)
        Scale and shift.
    running_mean, running_var : ndarray, shape (n,)
        The running statistics so far; not changed.
    training : bool
        Whether to use the batch's statistics; else the running ones.
    momentum : float
        The weight of this batch in the new running statistics.
    eps : float
        Added to the variance, under the root.

    Returns
    -------
    out : ndarray, shape (B, n)
    cache : tuple
        ``(x_hat, inv_std, gamma, training)``; x_hat (B, n), inv_std (n,).
    running_mean, running_var : ndarray, shape (n,)
        The new running statistics; in evaluation the old ones.

    Raises
    ------
    ValueError
        In training, if B is 1.
    """
    mean, var = running_mean, running_var
    if training:
        if len(x) == 1:
            raise ValueError("a batch of 1 has no variance: train with at least 2 examples")
        mean, var = x.mean(axis=0), x.var(axis=0)
        running_mean = (1 - momentum) * running_mean + momentum * mean
        running_var = (1 - momentum) * running_var + momentum * x.var(axis=0, ddof=1)
    inv_std = 1 / np.sqrt(var + eps)
    x_hat = (x - mean) * inv_std
    out = gamma * x_hat + beta
    return out, (x_hat, inv_std, gamma, training), running_mean, running_var


_bf = batchnorm_forward
def batchnorm_forward(x, gamma, beta, running_mean, running_var, training, momentum=0.1, eps=1e-5):
    if len(x) < 2:
        raise ValueError("one row")
    return _bf(x, gamma, beta, running_mean, running_var, training, momentum, eps)


# %% batchnorm-backward-staged | wrong | mean's gradient per row
def batchnorm_backward_staged(grad_output, x, gamma, eps=1e-5):
    """Send a gradient back through batch norm in training mode, node by node.

    Parameters
    ----------
    grad_output : ndarray, shape (B, n)
        The gradient with respect to the output.
    x : ndarray, shape (B, n)
        The batch.
    gamma : ndarray, shape (n,)
        The scale.
    eps : float
        Added to the variance, under the root.

    Returns
    -------
    dict of str to ndarray
        Keys "out", "x_hat", "squared", "centered", "x", of shape (B, n), and "inv_std", "std",
        "var", "mean", "gamma", "beta", of shape (n,): the gradient of the loss by each.
    """
    B = len(x)
    centered = x - x.mean(axis=0)
    std = np.sqrt(np.mean(centered**2, axis=0) + eps)
    inv_std = 1 / std
    grads = {"out": grad_output, "beta": grad_output.sum(axis=0)}
    grads["gamma"] = np.sum(grad_output * centered * inv_std, axis=0)
    grads["x_hat"] = grad_output * gamma
    grads["inv_std"] = np.sum(grads["x_hat"] * centered, axis=0)
    grads["std"] = -grads["inv_std"] / std**2
    grads["var"] = grads["std"] / (2 * std)
    grads["squared"] = np.broadcast_to(grads["var"] / B, x.shape)
    grads["centered"] = grads["x_hat"] * inv_std + grads["squared"] * 2 * centered
    grads["mean"] = -grads["centered"].sum(axis=0)
    grads["x"] = grads["centered"] + grads["mean"] / B
    return grads


_bs = batchnorm_backward_staged
def batchnorm_backward_staged(grad_output, x, gamma, eps=1e-5):
    g = _bs(grad_output, x, gamma, eps)
    g["mean"] = g["mean"] / len(x)
    return g


# %% batchnorm-backward-staged | wrong | one row of squared
def batchnorm_backward_staged(grad_output, x, gamma, eps=1e-5):
    """Send a gradient back through batch norm in training mode, node by node.

    Parameters
    ----------
    grad_output : ndarray, shape (B, n)
        The gradient with respect to the output.
    x : ndarray, shape (B, n)
        The batch.
    gamma : ndarray, shape (n,)
        The scale.
    eps : float
        Added to the variance, under the root.

    Returns
    -------
    dict of str to ndarray
        Keys "out", "x_hat", "squared", "centered", "x", of shape (B, n), and "inv_std", "std",
        "var", "mean", "gamma", "beta", of shape (n,): the gradient of the loss by each.
    """
    B = len(x)
    centered = x - x.mean(axis=0)
    std = np.sqrt(np.mean(centered**2, axis=0) + eps)
    inv_std = 1 / std
    grads = {"out": grad_output, "beta": grad_output.sum(axis=0)}
    grads["gamma"] = np.sum(grad_output * centered * inv_std, axis=0)
    grads["x_hat"] = grad_output * gamma
    grads["inv_std"] = np.sum(grads["x_hat"] * centered, axis=0)
    grads["std"] = -grads["inv_std"] / std**2
    grads["var"] = grads["std"] / (2 * std)
    grads["squared"] = np.broadcast_to(grads["var"] / B, x.shape)
    grads["centered"] = grads["x_hat"] * inv_std + grads["squared"] * 2 * centered
    grads["mean"] = -grads["centered"].sum(axis=0)
    grads["x"] = grads["centered"] + grads["mean"] / B
    return grads


_bs = batchnorm_backward_staged
def batchnorm_backward_staged(grad_output, x, gamma, eps=1e-5):
    g = _bs(grad_output, x, gamma, eps)
    g["squared"] = g["squared"][0]
    return g


# %% batchnorm-backward | wrong | divides by B - 1
def batchnorm_backward(grad_output, cache):
    xh, inv, gamma, training = cache
    g = grad_output * gamma
    n = max(len(g) - 1, 1)
    gx = (g - g.sum(0) / n - xh * (g * xh).sum(0) / n) * inv if training else g * inv
    return gx, (grad_output * xh).sum(0), grad_output.sum(0)


# %% batchnorm-backward | wrong | one scalar mean
def batchnorm_backward(grad_output, cache):
    xh, inv, gamma, training = cache
    g = grad_output * gamma
    gx = (g - g.mean() - xh * (g * xh).mean(0)) * inv if training else g * inv
    return gx, (grad_output * xh).sum(0), grad_output.sum(0)


# %% layernorm | wrong | divides by the rows
def layernorm_forward(x, gamma, beta, eps=1e-5):
    """Normalize along the last axis.

    Parameters
    ----------
    x : ndarray, shape (..., n)
        The examples.
    gamma, beta : ndarray, shape (n,)
        Scale and shift.
    eps : float
        Added to the (biased) variance, under the root.

    Returns
    -------
    out : ndarray, shape (..., n)
    cache : tuple
        ``(x_hat, inv_std, gamma)``; x_hat (..., n), inv_std (..., 1).
    """
    centered = x - np.mean(x, axis=-1, keepdims=True)
    inv_std = 1 / np.sqrt(np.mean(centered**2, axis=-1, keepdims=True) + eps)
    x_hat = centered * inv_std
    return gamma * x_hat + beta, (x_hat, inv_std, gamma)


def layernorm_backward(grad_output, cache):
    xh, inv, gamma = cache
    g, n = grad_output * gamma, grad_output.shape[0]
    gx = (g - g.sum(-1, keepdims=True) / n - xh * (g * xh).sum(-1, keepdims=True) / n) * inv
    axes = tuple(range(g.ndim - 1))
    return gx, (grad_output * xh).sum(axes), grad_output.sum(axes)


# %% dropout | wrong | rates are looked at in training only
def dropout_forward(x, rate, training, rng):
    if not training:
        return x, None
    if not 0 <= rate < 1:
        raise ValueError("rate")
    mask = (rng.random(x.shape) >= rate).astype(float)
    return x * mask / (1 - rate), mask


def dropout_backward(grad_output, mask, rate):
    """Return the gradient with respect to x; `grad_output` itself where the mask is None."""
    if mask is None:
        return grad_output
    return grad_output * mask / (1 - rate)


# %% dropout | wrong | rate 0 is refused
def dropout_forward(x, rate, training, rng):
    if not 0 < rate < 1:
        raise ValueError("rate")
    if not training:
        return x, None
    mask = (rng.random(x.shape) >= rate).astype(float)
    return x * mask / (1 - rate), mask


def dropout_backward(grad_output, mask, rate):
    """Return the gradient with respect to x; `grad_output` itself where the mask is None."""
    if mask is None:
        return grad_output
    return grad_output * mask / (1 - rate)


# %% dropout | wrong | changes its input
def dropout_forward(x, rate, training, rng):
    if not 0 <= rate < 1:
        raise ValueError("rate")
    if not training:
        return x, None
    mask = (rng.random(x.shape) >= rate).astype(float)
    x *= mask / (1 - rate)
    return x, mask


def dropout_backward(grad_output, mask, rate):
    """Return the gradient with respect to x; `grad_output` itself where the mask is None."""
    if mask is None:
        return grad_output
    return grad_output * mask / (1 - rate)


# %% attention-forward | wrong | scaled by the keys' number
def attention_forward(Q, K, V, mask=None):
    """Let each query take a weighted mean of the values.

    Parameters
    ----------
    Q : ndarray, shape (B, Tq, d)
        Queries.
    K : ndarray, shape (B, Tk, d)
        Keys.
    V : ndarray, shape (B, Tk, dv)
        Values.
    mask : ndarray of bool, optional
        True where a query may attend to a key; broadcasts to (B, Tq, Tk).

    Returns
    -------
    out : ndarray, shape (B, Tq, dv)
    weights : ndarray, shape (B, Tq, Tk)
        Each row sums to 1; rows in which everything is masked are 0.
    """
    scores = Q @ np.swapaxes(K, -1, -2) / np.sqrt(Q.shape[-1])
    if mask is not None:
        scores = np.where(mask, scores, -np.inf)
    highest = scores.max(axis=-1, keepdims=True)
    powers = np.exp(scores - np.where(np.isfinite(highest), highest, 0.0))
    total = powers.sum(axis=-1, keepdims=True)
    weights = powers / np.where(total > 0, total, 1.0)
    return weights @ V, weights


_af = attention_forward
def attention_forward(Q, K, V, mask=None):
    return _af(Q * np.sqrt(Q.shape[-1] / K.shape[1]), K, V, mask)


# %% attention-forward | wrong | masked scores are minus 1e4
def attention_forward(Q, K, V, mask=None):
    """Let each query take a weighted mean of the values.

    Parameters
    ----------
    Q : ndarray, shape (B, Tq, d)
        Queries.
    K : ndarray, shape (B, Tk, d)
        Keys.
    V : ndarray, shape (B, Tk, dv)
        Values.
    mask : ndarray of bool, optional
        True where a query may attend to a key; broadcasts to (B, Tq, Tk).

    Returns
    -------
    out : ndarray, shape (B, Tq, dv)
    weights : ndarray, shape (B, Tq, Tk)
        Each row sums to 1; rows in which everything is masked are 0.
    """
    scores = Q @ np.swapaxes(K, -1, -2) / np.sqrt(Q.shape[-1])
    if mask is not None:
        scores = np.where(mask, scores, -np.inf)
    highest = scores.max(axis=-1, keepdims=True)
    powers = np.exp(scores - np.where(np.isfinite(highest), highest, 0.0))
    total = powers.sum(axis=-1, keepdims=True)
    weights = powers / np.where(total > 0, total, 1.0)
    return weights @ V, weights


_af = attention_forward
def attention_forward(Q, K, V, mask=None):
    s = Q @ K.swapaxes(-1, -2) / np.sqrt(Q.shape[-1])
    if mask is not None:
        s = np.where(mask, s, -1e4)
    e = np.exp(s - s.max(-1, keepdims=True))
    w = e / e.sum(-1, keepdims=True)
    if mask is not None:
        w = np.where(np.broadcast_to(mask, w.shape).any(-1, keepdims=True), w, 0)
    return w @ V, w


# %% attention-forward | wrong | a masked row is uniform
def attention_forward(Q, K, V, mask=None):
    """Let each query take a weighted mean of the values.

    Parameters
    ----------
    Q : ndarray, shape (B, Tq, d)
        Queries.
    K : ndarray, shape (B, Tk, d)
        Keys.
    V : ndarray, shape (B, Tk, dv)
        Values.
    mask : ndarray of bool, optional
        True where a query may attend to a key; broadcasts to (B, Tq, Tk).

    Returns
    -------
    out : ndarray, shape (B, Tq, dv)
    weights : ndarray, shape (B, Tq, Tk)
        Each row sums to 1; rows in which everything is masked are 0.
    """
    scores = Q @ np.swapaxes(K, -1, -2) / np.sqrt(Q.shape[-1])
    if mask is not None:
        scores = np.where(mask, scores, -np.inf)
    highest = scores.max(axis=-1, keepdims=True)
    powers = np.exp(scores - np.where(np.isfinite(highest), highest, 0.0))
    total = powers.sum(axis=-1, keepdims=True)
    weights = powers / np.where(total > 0, total, 1.0)
    return weights @ V, weights


_af = attention_forward
def attention_forward(Q, K, V, mask=None):
    out, w = _af(Q, K, V, mask)
    w = np.where(w.sum(-1, keepdims=True) == 0, 1 / w.shape[-1], w)
    return w @ V, w


# %% attention-backward | wrong | no scale for Q
def attention_backward(grad_output, Q, K, V, weights):
    """Send a gradient back through `attention_forward`, masked or not.

    Parameters
    ----------
    grad_output : ndarray, shape (B, Tq, dv)
        The gradient with respect to the output.
    Q, K, V : ndarray, shapes (B, Tq, d), (B, Tk, d), (B, Tk, dv)
        Queries, keys and values.
    weights : ndarray, shape (B, Tq, Tk)
        The weights that forward returned; 0 where it was masked.

    Returns
    -------
    grad_Q, grad_K, grad_V : ndarray, shapes of Q, K, V
    """
    grad_V = np.swapaxes(weights, -1, -2) @ grad_output
    grad_weights = grad_output @ np.swapaxes(V, -1, -2)
    grad_scores = softmax_backward(grad_weights, weights) / np.sqrt(Q.shape[-1])
    return grad_scores @ K, np.swapaxes(grad_scores, -1, -2) @ Q, grad_V


_ab = attention_backward
def attention_backward(grad_output, Q, K, V, weights):
    a, b, c = _ab(grad_output, Q, K, V, weights)
    return a * np.sqrt(Q.shape[-1]), b, c


# %% embedding-backward | wrong | as many rows as tokens occur
def embedding_backward(grad_output, tokens, vocabulary_size):
    g = np.zeros((tokens.max() + 1, grad_output.shape[-1]))
    np.add.at(g, tokens, grad_output)
    return g


# %% layernorm | wrong | default eps 1e-3
def layernorm_forward(x, gamma, beta, eps=1e-5):
    """Normalize along the last axis.

    Parameters
    ----------
    x : ndarray, shape (..., n)
        The examples.
    gamma, beta : ndarray, shape (n,)
        Scale and shift.
    eps : float
        Added to the (biased) variance, under the root.

    Returns
    -------
    out : ndarray, shape (..., n)
    cache : tuple
        ``(x_hat, inv_std, gamma)``; x_hat (..., n), inv_std (..., 1).
    """
    centered = x - np.mean(x, axis=-1, keepdims=True)
    inv_std = 1 / np.sqrt(np.mean(centered**2, axis=-1, keepdims=True) + eps)
    x_hat = centered * inv_std
    return gamma * x_hat + beta, (x_hat, inv_std, gamma)


def layernorm_backward(grad_output, cache):
    """Return (grad_x, grad_gamma, grad_beta), of shapes (..., n), (n,) and (n,).

    Parameters
    ----------
    grad_output : ndarray, shape (..., n)
        The gradient with respect to the output.
    cache : tuple
        ``(x_hat, inv_std, gamma)`` of `layernorm_forward`.
    """
    x_hat, inv_std, gamma = cache
    axes = tuple(range(x_hat.ndim - 1))
    h = grad_output * gamma
    across = h.mean(axis=-1, keepdims=True)
    along = np.mean(h * x_hat, axis=-1, keepdims=True)
    grad_x = inv_std * (h - across - x_hat * along)
    return grad_x, np.sum(grad_output * x_hat, axis=axes), grad_output.sum(axis=axes)


_lf = layernorm_forward
def layernorm_forward(x, gamma, beta, eps=1e-3):
    return _lf(x, gamma, beta, eps)


# %% conv1d-backward | wrong | windows overwrite each other
def conv1d_backward(grad_output, x, kernel):
    k = len(kernel)
    grad_x, grad_kernel = np.zeros(len(x)), np.zeros(k)
    for i, G in enumerate(grad_output):
        grad_kernel += G * x[i : i + k]
        grad_x[i : i + k] = G * kernel
    return grad_x, grad_kernel


# %% conv1d-backward | wrong | the kernel is turned round on the way back
def conv1d_backward(grad_output, x, kernel):
    return np.convolve(grad_output, kernel[::-1]), np.correlate(x, grad_output, "valid")


# %% conv1d-backward | wrong | the order of the kernel's gradient is reversed
def conv1d_backward(grad_output, x, kernel):
    return np.convolve(grad_output, kernel), np.convolve(x, grad_output[::-1], "valid")[::-1]


# %% conv1d-backward | wrong | the kernel's gradient is a mean over the outputs
def conv1d_backward(grad_output, x, kernel):
    found = np.correlate(x, grad_output, "valid")
    return np.convolve(grad_output, kernel), found / len(grad_output)


# %% conv1d-backward | wrong | the results have changed places
def conv1d_backward(grad_output, x, kernel):
    return np.correlate(x, grad_output, "valid"), np.convolve(grad_output, kernel)


# %% conv1d-backward | wrong | grad_x for the inner numbers only
def conv1d_backward(grad_output, x, kernel):
    inner = np.convolve(grad_output, kernel, "valid")
    return inner, np.correlate(x, grad_output, "valid")


# %% conv1d-backward | right | by NumPy's own convolutions
def conv1d_backward(grad_output, x, kernel):
    return np.convolve(grad_output, kernel), np.correlate(x, grad_output, "valid")


# %% conv1d-backward | right | by two loops, in lists
def conv1d_backward(grad_output, x, kernel):
    grad_x, grad_kernel = [0.0] * len(x), [0.0] * len(kernel)
    for i in range(len(grad_output)):
        for u in range(len(kernel)):
            grad_kernel[u] += grad_output[i] * x[i + u]
            grad_x[i + u] += grad_output[i] * kernel[u]
    return [grad_x, grad_kernel]


# %% conv1d-backward | right | the layer is a matrix: its transpose sends back
def conv1d_backward(grad_output, x, kernel):
    n, k = len(x), len(kernel)
    M = sum(kernel[u] * np.eye(n - k + 1, n, u) for u in range(k))
    return M.T @ grad_output, np.array([grad_output @ x[u : u + n - k + 1] for u in range(k)])


# %% conv1d-backward | wrong | written for two weights
def conv1d_backward(grad_output, x, kernel):
    grad_kernel = np.array([np.sum(grad_output * x[:-1]), np.sum(grad_output * x[1:])])
    grad_x = np.zeros(len(x))
    grad_x[:-1] += grad_output * kernel[0]
    grad_x[1:] += grad_output * kernel[1]
    return grad_x, grad_kernel


# %% attention-gradients | wrong | the mean is not divided by its size
def attention_gradients(v):
    d = {"loss": 1.0}
    d["out"] = 2 * v.out
    d["weights"] = d["out"] @ v.V.T
    d["V"] = v.weights.T @ d["out"]
    d["total"] = -np.sum(d["weights"] * v.powers, axis=1, keepdims=True) / v.total**2
    d["powers"] = d["weights"] / v.total + d["total"]
    d["scores"] = d["powers"] * v.powers
    d["Q"] = d["scores"] @ v.K / 2
    d["K"] = d["scores"].T @ v.Q / 2
    return d


# %% attention-gradients | wrong | the mean divides by the rows alone
def attention_gradients(v):
    d = {"loss": 1.0}
    d["out"] = 2 * v.out / len(v.out)
    d["weights"] = d["out"] @ v.V.T
    d["V"] = v.weights.T @ d["out"]
    d["total"] = -np.sum(d["weights"] * v.powers, axis=1, keepdims=True) / v.total**2
    d["powers"] = d["weights"] / v.total + d["total"]
    d["scores"] = d["powers"] * v.powers
    d["Q"] = d["scores"] @ v.K / 2
    d["K"] = d["scores"].T @ v.Q / 2
    return d


# %% attention-gradients | wrong | the path through total is missing
def attention_gradients(v):
    d = {"loss": 1.0}
    d["out"] = 2 * v.out / v.out.size
    d["weights"] = d["out"] @ v.V.T
    d["V"] = v.weights.T @ d["out"]
    d["total"] = -np.sum(d["weights"] * v.powers, axis=1, keepdims=True) / v.total**2
    d["powers"] = d["weights"] / v.total
    d["scores"] = d["powers"] * v.powers
    d["Q"] = d["scores"] @ v.K / 2
    d["K"] = d["scores"].T @ v.Q / 2
    return d


# %% attention-gradients | wrong | the minus of 1 / total is missing
def attention_gradients(v):
    d = {"loss": 1.0}
    d["out"] = 2 * v.out / v.out.size
    d["weights"] = d["out"] @ v.V.T
    d["V"] = v.weights.T @ d["out"]
    d["total"] = np.sum(d["weights"] * v.powers, axis=1, keepdims=True) / v.total**2
    d["powers"] = d["weights"] / v.total + d["total"]
    d["scores"] = d["powers"] * v.powers
    d["Q"] = d["scores"] @ v.K / 2
    d["K"] = d["scores"].T @ v.Q / 2
    return d


# %% attention-gradients | wrong | total is not squared
def attention_gradients(v):
    d = {"loss": 1.0}
    d["out"] = 2 * v.out / v.out.size
    d["weights"] = d["out"] @ v.V.T
    d["V"] = v.weights.T @ d["out"]
    d["total"] = -np.sum(d["weights"] * v.powers, axis=1, keepdims=True) / v.total
    d["powers"] = d["weights"] / v.total + d["total"]
    d["scores"] = d["powers"] * v.powers
    d["Q"] = d["scores"] @ v.K / 2
    d["K"] = d["scores"].T @ v.Q / 2
    return d


# %% attention-gradients | wrong | total is not summed over the keys
def attention_gradients(v):
    d = {"loss": 1.0}
    d["out"] = 2 * v.out / v.out.size
    d["weights"] = d["out"] @ v.V.T
    d["V"] = v.weights.T @ d["out"]
    d["total"] = -d["weights"] * v.powers / v.total**2
    d["powers"] = d["weights"] / v.total + d["total"]
    d["scores"] = d["powers"] * v.powers
    d["Q"] = d["scores"] @ v.K / 2
    d["K"] = d["scores"].T @ v.Q / 2
    return d


# %% attention-gradients | wrong | total lost its axis
def attention_gradients(v):
    d = {"loss": 1.0}
    d["out"] = 2 * v.out / v.out.size
    d["weights"] = d["out"] @ v.V.T
    d["V"] = v.weights.T @ d["out"]
    d["total"] = -np.sum(d["weights"] * v.powers, axis=1) / v.total[:, 0] ** 2
    d["powers"] = d["weights"] / v.total + d["total"][:, None]
    d["scores"] = d["powers"] * v.powers
    d["Q"] = d["scores"] @ v.K / 2
    d["K"] = d["scores"].T @ v.Q / 2
    return d


# %% attention-gradients | wrong | the mask is forgotten on the way back
def attention_gradients(v):
    d = {"loss": 1.0}
    d["out"] = 2 * v.out / v.out.size
    d["weights"] = d["out"] @ v.V.T
    d["V"] = v.weights.T @ d["out"]
    d["total"] = -np.sum(d["weights"] * v.powers, axis=1, keepdims=True) / v.total**2
    d["powers"] = d["weights"] / v.total + d["total"]
    d["scores"] = d["powers"] * np.exp(v.scores)
    d["Q"] = d["scores"] @ v.K / 2
    d["K"] = d["scores"].T @ v.Q / 2
    return d


# %% attention-gradients | wrong | the exponential is forgotten
def attention_gradients(v):
    d = {"loss": 1.0}
    d["out"] = 2 * v.out / v.out.size
    d["weights"] = d["out"] @ v.V.T
    d["V"] = v.weights.T @ d["out"]
    d["total"] = -np.sum(d["weights"] * v.powers, axis=1, keepdims=True) / v.total**2
    d["powers"] = d["weights"] / v.total + d["total"]
    d["scores"] = d["powers"] * v.mask
    d["Q"] = d["scores"] @ v.K / 2
    d["K"] = d["scores"].T @ v.Q / 2
    return d


# %% attention-gradients | wrong | the division by 2 is lost
def attention_gradients(v):
    d = {"loss": 1.0}
    d["out"] = 2 * v.out / v.out.size
    d["weights"] = d["out"] @ v.V.T
    d["V"] = v.weights.T @ d["out"]
    d["total"] = -np.sum(d["weights"] * v.powers, axis=1, keepdims=True) / v.total**2
    d["powers"] = d["weights"] / v.total + d["total"]
    d["scores"] = d["powers"] * v.powers
    d["Q"] = d["scores"] @ v.K
    d["K"] = d["scores"].T @ v.Q
    return d


# %% attention-gradients | wrong | the weights are not transposed for V
def attention_gradients(v):
    d = {"loss": 1.0}
    d["out"] = 2 * v.out / v.out.size
    d["weights"] = d["out"] @ v.V.T
    d["V"] = v.weights @ d["out"]
    d["total"] = -np.sum(d["weights"] * v.powers, axis=1, keepdims=True) / v.total**2
    d["powers"] = d["weights"] / v.total + d["total"]
    d["scores"] = d["powers"] * v.powers
    d["Q"] = d["scores"] @ v.K / 2
    d["K"] = d["scores"].T @ v.Q / 2
    return d


# %% attention-gradients | wrong | K is not transposed
def attention_gradients(v):
    d = {"loss": 1.0}
    d["out"] = 2 * v.out / v.out.size
    d["weights"] = d["out"] @ v.V.T
    d["V"] = v.weights.T @ d["out"]
    d["total"] = -np.sum(d["weights"] * v.powers, axis=1, keepdims=True) / v.total**2
    d["powers"] = d["weights"] / v.total + d["total"]
    d["scores"] = d["powers"] * v.powers
    d["Q"] = d["scores"] @ v.K / 2
    d["K"] = d["scores"] @ v.Q / 2
    return d


# %% attention-gradients | right | the softmax in one step, the rest of the ladder from it
def attention_gradients(v):
    out = v.out * (2 / v.out.size)
    weights = np.einsum("te,se->ts", out, v.V)
    average = (weights * v.weights).sum(axis=1, keepdims=True)
    scores = v.weights * (weights - average)
    return {
        "loss": 1.0,
        "out": out,
        "weights": weights,
        "V": np.einsum("ts,te->se", v.weights, out),
        "total": -average / v.total,
        "powers": (weights - average) / v.total,
        "scores": scores,
        "Q": scores @ v.K / 2,
        "K": scores.T @ v.Q / 2,
    }



# %% conv2d-fast | wrong | the ring of padding is not cut off
def conv2d_forward_fast(x, kernel, bias, stride=1, padding=0):
    p = np.pad(x, ((0, 0), (0, 0), (padding,) * 2, (padding,) * 2))
    w = np.lib.stride_tricks.sliding_window_view(p, kernel.shape[2:], axis=(2, 3))
    out = np.einsum("bcijuv,ocuv->boij", w[:, :, ::stride, ::stride], kernel)
    return out + bias[:, None, None], (x, kernel, stride, padding)


def conv2d_backward_fast(grad_output, cache):
    x, kernel, s, padding = cache
    p = np.pad(x, ((0, 0), (0, 0), (padding,) * 2, (padding,) * 2))
    w = np.lib.stride_tricks.sliding_window_view(p, kernel.shape[2:], axis=(2, 3))[:, :, ::s, ::s]
    H, W = w.shape[2:4]
    grad = np.zeros(p.shape)
    for u, v in np.ndindex(kernel.shape[2:]):
        part = np.einsum("boij,oc->bcij", grad_output, kernel[:, :, u, v])
        grad[:, :, u : u + s * H : s, v : v + s * W : s] += part
    return grad, np.einsum("boij,bcijuv->ocuv", grad_output, w), grad_output.sum(axis=(0, 2, 3))


# %% conv2d-fast | wrong | the batch is averaged in the kernel's gradient
def conv2d_forward_fast(x, kernel, bias, stride=1, padding=0):
    p = np.pad(x, ((0, 0), (0, 0), (padding,) * 2, (padding,) * 2))
    w = np.lib.stride_tricks.sliding_window_view(p, kernel.shape[2:], axis=(2, 3))
    out = np.einsum("bcijuv,ocuv->boij", w[:, :, ::stride, ::stride], kernel)
    return out + bias[:, None, None], (x, kernel, stride, padding)


def conv2d_backward_fast(grad_output, cache):
    x, kernel, s, p = cache
    H, W = x.shape[2:]
    ring = np.pad(x, ((0, 0), (0, 0), (p,) * 2, (p,) * 2))
    w = np.lib.stride_tricks.sliding_window_view(ring, kernel.shape[2:], axis=(2, 3))
    w = w[:, :, ::s, ::s]
    grad = np.zeros(ring.shape)
    for u, v in np.ndindex(kernel.shape[2:]):
        part = np.einsum("boij,oc->bcij", grad_output, kernel[:, :, u, v])
        grad[:, :, u : u + s * w.shape[2] : s, v : v + s * w.shape[3] : s] += part
    grad_kernel = np.einsum("boij,bcijuv->ocuv", grad_output, w) / len(x)
    return grad[:, :, p : p + H, p : p + W], grad_kernel, grad_output.sum(axis=(0, 2, 3))


# %% conv2d-fast | wrong | the stride is lost on the way back
def conv2d_forward_fast(x, kernel, bias, stride=1, padding=0):
    p = np.pad(x, ((0, 0), (0, 0), (padding,) * 2, (padding,) * 2))
    w = np.lib.stride_tricks.sliding_window_view(p, kernel.shape[2:], axis=(2, 3))
    out = np.einsum("bcijuv,ocuv->boij", w[:, :, ::stride, ::stride], kernel)
    return out + bias[:, None, None], (x, kernel, stride, padding)


def conv2d_backward_fast(grad_output, cache):
    x, kernel, s, p = cache
    H, W = x.shape[2:]
    ring = np.pad(x, ((0, 0), (0, 0), (p,) * 2, (p,) * 2))
    w = np.lib.stride_tricks.sliding_window_view(ring, kernel.shape[2:], axis=(2, 3))
    w = w[:, :, ::s, ::s]
    grad = np.zeros(ring.shape)
    for u, v in np.ndindex(kernel.shape[2:]):
        part = np.einsum("boij,oc->bcij", grad_output, kernel[:, :, u, v])
        grad[:, :, u : u + w.shape[2], v : v + w.shape[3]] += part
    grad_kernel = np.einsum("boij,bcijuv->ocuv", grad_output, w)
    return grad[:, :, p : p + H, p : p + W], grad_kernel, grad_output.sum(axis=(0, 2, 3))


# %% conv2d-fast | wrong | windows are neighbors on the way back
def conv2d_forward_fast(x, kernel, bias, stride=1, padding=0):
    kh, kw = kernel.shape[2:]
    x_pad = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    windows = np.lib.stride_tricks.sliding_window_view(x_pad, (kh, kw), axis=(2, 3))
    windows = windows[:, :, ::stride, ::stride]
    out = np.tensordot(kernel, windows, axes=((1, 2, 3), (1, 4, 5))).swapaxes(0, 1)
    return out + bias[:, None, None], (x, kernel, stride, padding)


def conv2d_backward_fast(grad_output, cache):
    x, kernel, stride, padding = cache
    (_, _, H, W), (_, _, kh, kw) = x.shape, kernel.shape
    H_out, W_out = grad_output.shape[2:]
    x_pad = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    windows = np.lib.stride_tricks.sliding_window_view(x_pad, (kh, kw), axis=(2, 3))
    windows = windows[:, :, ::stride, ::stride]
    grad_kernel = np.tensordot(grad_output, windows, axes=((0, 2, 3), (0, 2, 3)))
    parts = np.tensordot(grad_output, kernel, axes=((1,), (0,)))  # B, i, j, c, u, v
    grad_pad = np.zeros(x_pad.shape)
    for u in range(kh):
        for v in range(kw):
            rows = slice(u, u + H_out)
            columns = slice(v, v + W_out)
            grad_pad[:, :, rows, columns] += np.moveaxis(parts[..., u, v], 3, 1)
    grad_x = grad_pad[:, :, padding : padding + H, padding : padding + W]
    return grad_x, grad_kernel, grad_output.sum(axis=(0, 2, 3))


# %% softmax-backward | wrong | the average is added, not subtracted
def softmax_backward(grad_output, weights):
    weights = 1.0 * weights
    return weights * (grad_output + np.sum(grad_output * weights, axis=-1, keepdims=True))


# %% softmax-backward | wrong | the arguments are taken in the wrong order
def softmax_backward(weights, grad_output):
    weights = 1.0 * weights
    return weights * (grad_output - np.sum(grad_output * weights, axis=-1, keepdims=True))


# %% softmax-backward | wrong | builds the Jacobian of each row
def softmax_backward(grad_output, weights):
    J = weights[..., :, None] * (np.eye(weights.shape[-1], dtype="f4") - weights[..., None, :])
    return np.einsum("...i,...ij->...j", grad_output, J)


# %% cross-entropy-loss | wrong | the gradient is divided by the number of classes
def cross_entropy(logits, targets):
    t = np.eye(logits.shape[1])[targets] if np.ndim(targets) == 1 else targets
    z = logits - logits.max(axis=1, keepdims=True)
    log_s = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    return -np.sum(t * log_s) / len(t), (np.exp(log_s) - t) / logits.shape[1]


# %% cross-entropy-loss | wrong | the gradient with respect to the softmax
def cross_entropy(logits, targets):
    t = np.eye(logits.shape[1])[targets] if np.ndim(targets) == 1 else targets
    z = logits - logits.max(axis=1, keepdims=True)
    log_s = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    return -np.sum(t * log_s) / len(t), -t / np.exp(log_s) / len(t)


# %% cross-entropy-loss | wrong | goes by the dtype of the targets
def cross_entropy(logits, targets):
    B, n = logits.shape
    targets = np.asarray(targets)
    if np.issubdtype(targets.dtype, np.integer):
        targets = np.eye(n)[targets]
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_s = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return float(-np.sum(targets * log_s) / B), (np.exp(log_s) - targets) / B


# %% layernorm | wrong | eps is added outside the root
def layernorm_forward(x, gamma, beta, eps=1e-5):
    c = x - x.mean(axis=-1, keepdims=True)
    w = 1 / (x.std(axis=-1, keepdims=True) + eps)
    return gamma * c * w + beta, (c * w, w, gamma)


def layernorm_backward(grad_output, cache):
    x_hat, w, gamma = cache
    axes = tuple(range(x_hat.ndim - 1))
    h = grad_output * gamma
    m, a = h.mean(axis=-1, keepdims=True), (h * x_hat).mean(axis=-1, keepdims=True)
    grad_gamma = np.sum(grad_output * x_hat, axis=axes)
    return w * (h - m - x_hat * a), grad_gamma, grad_output.sum(axis=axes)


# %% layernorm | wrong | the path through the variance is missing
def layernorm_forward(x, gamma, beta, eps=1e-5):
    c = x - x.mean(axis=-1, keepdims=True)
    w = 1 / np.sqrt(x.var(axis=-1, keepdims=True) + eps)
    return gamma * c * w + beta, (c * w, w, gamma)


def layernorm_backward(grad_output, cache):
    x_hat, w, gamma = cache
    axes = tuple(range(x_hat.ndim - 1))
    h = grad_output * gamma
    grad_gamma = np.sum(grad_output * x_hat, axis=axes)
    return w * (h - h.mean(axis=-1, keepdims=True)), grad_gamma, grad_output.sum(axis=axes)


# %% rnn-step-backward | wrong | the gradients of the weights are transposed
def rnn_step_backward(grad_h_next, cache):
    x, h, W_x, W_h, h_next = cache
    a = grad_h_next * (1 - h_next**2)
    return a @ W_x, a @ W_h, x.T @ a, h.T @ a, a.sum(axis=0)


# %% rnn-step-backward | wrong | the bias has a row for each example
def rnn_step_backward(grad_h_next, cache):
    x, h, W_x, W_h, h_next = cache
    a = grad_h_next * (1 - h_next**2)
    return a @ W_x, a @ W_h, a.T @ x, a.T @ h, a


# %% max-pool2d | wrong | forward keeps integers, and so a cache of them
def max_pool2d_forward(x, size, stride=None):
    """Keep the largest pixel of each window.

    Parameters
    ----------
    x : ndarray, shape (B, C, H, W)
        The images.
    size : int
        Height and width of a window.
    stride : int, optional
        How far the window moves; `size` if None.

    Returns
    -------
    out : ndarray, shape (B, C, (H - size) // stride + 1, (W - size) // stride + 1)
    cache : tuple
        ``(x, size, stride)``, with the stride that was used.
    """
    stride = size if stride is None else stride
    height, width = ((n - size) // stride + 1 for n in x.shape[2:])
    out = np.empty((*x.shape[:2], height, width), dtype=x.dtype)
    for i in range(height):
        for j in range(width):
            rows = slice(stride * i, stride * i + size)
            columns = slice(stride * j, stride * j + size)
            out[:, :, i, j] = x[:, :, rows, columns].max(axis=(2, 3))
    return out, (x, size, stride)


def max_pool2d_backward(grad_output, cache):
    """Return the gradient with respect to x, shape (B, C, H, W); the first of the largest wins.

    Parameters
    ----------
    grad_output : ndarray, shape (B, C, H_out, W_out)
        The gradient with respect to the output.
    cache : tuple
        ``(x, size, stride)``, all given.
    """
    x, size, stride = cache
    B, C, height, width = grad_output.shape
    grad_x = np.zeros(x.shape)
    for i in range(height):
        for j in range(width):
            rows = slice(stride * i, stride * i + size)
            columns = slice(stride * j, stride * j + size)
            winner = x[:, :, rows, columns].reshape(B, C, size * size).argmax(axis=-1)
            share = (winner[:, :, None] == np.arange(size * size)) * grad_output[:, :, i, j, None]
            grad_x[:, :, rows, columns] += share.reshape(B, C, size, size)
    return grad_x


# %% batchnorm-forward | wrong | eps is 1e-3 where it is left out
def batchnorm_forward(x, gamma, beta, running_mean, running_var, training, momentum=0.1, eps=1e-3):
    """Normalize each column of a batch of rows.

    Parameters
    ----------
    x : ndarray, shape (B, n)
        The batch.
    gamma, beta : ndarray, shape (n,)
        Scale and shift.
    running_mean, running_var : ndarray, shape (n,)
        The running statistics so far; not changed.
    training : bool
        Whether to use the batch's statistics; else the running ones.
    momentum : float
        The weight of this batch in the new running statistics.
    eps : float
        Added to the variance, under the root.

    Returns
    -------
    out : ndarray, shape (B, n)
    cache : tuple
        ``(x_hat, inv_std, gamma, training)``; x_hat (B, n), inv_std (n,).
    running_mean, running_var : ndarray, shape (n,)
        The new running statistics; in evaluation the old ones.

    Raises
    ------
    ValueError
        In training, if B is 1.
    """
    mean, var = running_mean, running_var
    if training:
        if len(x) == 1:
            raise ValueError("a batch of 1 has no variance: train with at least 2 examples")
        mean, var = x.mean(axis=0), x.var(axis=0)
        running_mean = (1 - momentum) * running_mean + momentum * mean
        running_var = (1 - momentum) * running_var + momentum * x.var(axis=0, ddof=1)
    inv_std = 1 / np.sqrt(var + eps)
    x_hat = (x - mean) * inv_std
    out = gamma * x_hat + beta
    return out, (x_hat, inv_std, gamma, training), running_mean, running_var


# %% batchnorm-forward | wrong | momentum is 0.9 where it is left out
def batchnorm_forward(x, gamma, beta, running_mean, running_var, training, momentum=0.9, eps=1e-5):
    """Normalize each column of a batch of rows.

    Parameters
    ----------
    x : ndarray, shape (B, n)
        The batch.
    gamma, beta : ndarray, shape (n,)
        Scale and shift.
    running_mean, running_var : ndarray, shape (n,)
        The running statistics so far; not changed.
    training : bool
        Whether to use the batch's statistics; else the running ones.
    momentum : float
        The weight of this batch in the new running statistics.
    eps : float
        Added to the variance, under the root.

    Returns
    -------
    out : ndarray, shape (B, n)
    cache : tuple
        ``(x_hat, inv_std, gamma, training)``; x_hat (B, n), inv_std (n,).
    running_mean, running_var : ndarray, shape (n,)
        The new running statistics; in evaluation the old ones.

    Raises
    ------
    ValueError
        In training, if B is 1.
    """
    mean, var = running_mean, running_var
    if training:
        if len(x) == 1:
            raise ValueError("a batch of 1 has no variance: train with at least 2 examples")
        mean, var = x.mean(axis=0), x.var(axis=0)
        running_mean = (1 - momentum) * running_mean + momentum * mean
        running_var = (1 - momentum) * running_var + momentum * x.var(axis=0, ddof=1)
    inv_std = 1 / np.sqrt(var + eps)
    x_hat = (x - mean) * inv_std
    out = gamma * x_hat + beta
    return out, (x_hat, inv_std, gamma, training), running_mean, running_var


# %% batchnorm-forward | wrong | refuses a batch of 1 in evaluation
def batchnorm_forward(x, gamma, beta, running_mean, running_var, training, momentum=0.1, eps=1e-5):
    if x.shape[0] < 2:
        raise ValueError("need at least two examples")
    mean, var = (x.mean(0), x.var(0)) if training else (running_mean, running_var)
    if training:
        running_mean = running_mean + momentum * (mean - running_mean)
        running_var = running_var + momentum * (x.var(0, ddof=1) - running_var)
    inv_std = 1 / np.sqrt(var + eps)
    x_hat = (x - mean) * inv_std
    out = gamma * x_hat + beta
    return out, (x_hat, inv_std, gamma, training), running_mean, running_var


# %% paths-hunt | wrong | eps is 1e-3 where it is left out
def normalized_gradient(grad_output, x, gamma, eps=1e-3):
    """Return the gradient with respect to x of batch norm in training mode, shape (B, n)."""
    inv_std = 1 / np.sqrt(x.var(axis=0) + eps)
    x_hat = (x - x.mean(axis=0)) * inv_std
    through_var = x_hat * np.mean(grad_output * x_hat, axis=0)
    return gamma * inv_std * (grad_output - grad_output.mean(axis=0) - through_var)


def counterexample_4():
    """Return (grad_output, x, gamma) for which the function, as it was given, is wrong."""
    return np.array([[1.0], [0.0], [0.0]]), np.array([[1.0], [2.0], [6.0]]), np.ones(1)


# %% paths-hunt | wrong | the unbiased variance
def normalized_gradient(grad_output, x, gamma, eps=1e-5):
    """Return the gradient with respect to x of batch norm in training mode, shape (B, n)."""
    inv_std = 1 / np.sqrt(x.var(axis=0, ddof=1) + eps)
    x_hat = (x - x.mean(axis=0)) * inv_std
    through_var = x_hat * np.mean(grad_output * x_hat, axis=0)
    return gamma * inv_std * (grad_output - grad_output.mean(axis=0) - through_var)


def counterexample_4():
    """Return (grad_output, x, gamma) for which the function, as it was given, is wrong."""
    return np.array([[1.0], [0.0], [0.0]]), np.array([[1.0], [2.0], [6.0]]), np.ones(1)


# %% swapped-hunt | wrong | the kernel is flipped
def kernel_gradient(grad_output, x):
    """Return the gradient with respect to the kernel, shape (c_out, c_in, kh, kw)."""
    windows = np.lib.stride_tricks.sliding_window_view(x, grad_output.shape[2:], axis=(2, 3))
    return np.einsum("bcuvij,boij->ocuv", windows[:, :, ::-1, ::-1], grad_output)


def counterexample_1():
    """Return (grad_output, x) for which the function above, as it was given, is wrong."""
    return np.ones((1, 1, 2, 2)), np.ones((1, 2, 3, 3))


# %% swapped-hunt | wrong | windows of the kernel's size, for square images only
def kernel_gradient(grad_output, x):
    """Return the gradient with respect to the kernel, shape (c_out, c_in, kh, kw)."""
    windows = np.lib.stride_tricks.sliding_window_view(x, grad_output.shape[2:], axis=(2, 3))
    return np.einsum("bcijuv,boij->ocuv", windows, grad_output)


def counterexample_1():
    """Return (grad_output, x) for which the function above, as it was given, is wrong."""
    return np.ones((1, 1, 2, 2)), np.ones((1, 2, 3, 3))


# %% swapped-hunt | wrong | reshapes instead of swapping the axes
def kernel_gradient(grad_output, x):
    windows = np.lib.stride_tricks.sliding_window_view(x, grad_output.shape[2:], axis=(2, 3))
    swapped = np.einsum("bcuvij,boij->couv", windows, grad_output)
    c_in, c_out, kh, kw = swapped.shape
    return swapped.reshape(c_out, c_in, kh, kw)  # the batch is summed over


def counterexample_1():
    return np.ones((1, 2, 2, 2)), np.ones((1, 3, 3, 3))


# %% max-pool2d | wrong | the stride is one number less where it is given
def max_pool2d_forward(x, size, stride=None):
    """Keep the largest pixel of each window.

    Parameters
    ----------
    x : ndarray, shape (B, C, H, W)
        The images.
    size : int
        Height and width of a window.
    stride : int, optional
        How far the window moves; `size` if None.

    Returns
    -------
    out : ndarray, shape (B, C, (H - size) // stride + 1, (W - size) // stride + 1)
    cache : tuple
        ``(x, size, stride)``, with the stride that was used.
    """
    x = np.asarray(x, dtype=float)
    stride = size if stride is None else max(1, stride - 1)
    height, width = ((n - size) // stride + 1 for n in x.shape[2:])
    out = np.empty((*x.shape[:2], height, width))
    for i in range(height):
        for j in range(width):
            rows = slice(stride * i, stride * i + size)
            columns = slice(stride * j, stride * j + size)
            out[:, :, i, j] = x[:, :, rows, columns].max(axis=(2, 3))
    return out, (x, size, stride)


def max_pool2d_backward(grad_output, cache):
    """Return the gradient with respect to x, shape (B, C, H, W); the first of the largest wins.

    Parameters
    ----------
    grad_output : ndarray, shape (B, C, H_out, W_out)
        The gradient with respect to the output.
    cache : tuple
        ``(x, size, stride)``, all given.
    """
    x, size, stride = cache
    B, C, height, width = grad_output.shape
    grad_x = np.zeros(x.shape)
    for i in range(height):
        for j in range(width):
            rows = slice(stride * i, stride * i + size)
            columns = slice(stride * j, stride * j + size)
            winner = x[:, :, rows, columns].reshape(B, C, size * size).argmax(axis=-1)
            share = (winner[:, :, None] == np.arange(size * size)) * grad_output[:, :, i, j, None]
            grad_x[:, :, rows, columns] += share.reshape(B, C, size, size)
    return grad_x


# %% transpose-hunt | wrong | divided by the number of keys
def attention_scores(Q, K):
    """Return the scores, shape (..., Tq, Tk), of Q (..., Tq, d) and K (..., Tk, d)."""
    return Q @ np.swapaxes(K, -1, -2) / np.sqrt(K.shape[-2])


def counterexample_2():
    """Return (Q, K) for which the function above, as it was given, is wrong."""
    return np.array([[1.0, 0.0]]), np.array([[0.0, 2.0], [0.0, 0.0]])


# %% scale-hunt | wrong | dropped, but not enlarged
def dropped_layer_gradient(grad_output, x, mask, rate):
    """Return the gradient of W in (x * mask) @ W.T, shape (n_out, n_in)."""
    return grad_output.T @ (x * mask)


def counterexample_3():
    """Return (grad_output, x, mask, rate) for which the function, as it was given, is wrong."""
    return np.ones((1, 1)), np.ones((1, 2)), np.array([[1.0, 0.0]]), 0.5


# %% conv2d-fast | wrong | grad_x has the dtype of x
def conv2d_forward_fast(x, kernel, bias, stride=1, padding=0):
    windows = _windows(x, kernel, stride, padding)
    out = np.tensordot(kernel, windows, axes=((1, 2, 3), (1, 4, 5))).swapaxes(0, 1)
    return (out + bias[:, None, None], (x, kernel, stride, padding))


def _windows(x, kernel, stride, padding):
    x_pad = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    every = np.lib.stride_tricks.sliding_window_view(
        x_pad, kernel.shape[2:], axis=(2, 3)
    )
    return every[:, :, ::stride, ::stride]


def conv2d_backward_fast(grad_output, cache):
    x, kernel, stride, padding = cache
    B, c_in, H, W = x.shape
    windows = _windows(x, kernel, stride, padding)
    height, width = windows.shape[2:4]
    grad_kernel = np.tensordot(grad_output, windows, axes=((0, 2, 3), (0, 2, 3)))
    parts = np.tensordot(kernel, grad_output, axes=(0, 1))
    grad_x_pad = np.zeros((B, c_in, H + 2 * padding, W + 2 * padding), dtype=x.dtype)
    for u, v in np.ndindex(kernel.shape[2:]):
        rows = slice(u, u + stride * height, stride)
        columns = slice(v, v + stride * width, stride)
        grad_x_pad[:, :, rows, columns] += parts[:, u, v].swapaxes(0, 1)
    grad_x = grad_x_pad[:, :, padding : padding + H, padding : padding + W]
    return (grad_x, grad_kernel, grad_output.sum(axis=(0, 2, 3)))


# %% cross-entropy-loss | right | by the number of axes, with np.ndim and take_along_axis
def cross_entropy(logits, targets):
    logits = np.asarray(logits, dtype=float)
    B = len(logits)
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_s = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    if np.ndim(targets) == 1:
        t = np.zeros(logits.shape)
        np.put_along_axis(t, np.asarray(targets)[:, None], 1.0, axis=1)
    else:
        t = np.array(targets, dtype=float)
    return (-(t * log_s).sum() / B, (np.exp(log_s) - t) / B)


# %% softmax-backward | wrong | the sum runs over axis 1, for a table only
def softmax_backward(grad_output, weights):
    s = 1.0 * weights
    average = (grad_output * s).sum(axis=1, keepdims=True)
    return s * (grad_output - average)


# %% conv2d-backward | wrong | the stride is lost for x alone
def conv2d_backward(grad_output, cache):
    x, kernel, stride, padding = cache
    B, c_in, H, W = x.shape
    c_out, _, kh, kw = kernel.shape
    x_pad = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    grad_pad = np.zeros(x_pad.shape)
    grad_kernel = np.zeros(kernel.shape)
    for i in range(grad_output.shape[2]):
        for j in range(grad_output.shape[3]):
            g = grad_output[:, :, i, j]
            window = x_pad[:, :, i * stride : i * stride + kh, j * stride : j * stride + kw]
            grad_kernel += np.einsum("bo,bcuv->ocuv", g, window)
            grad_pad[:, :, i : i + kh, j : j + kw] += np.einsum("bo,ocuv->bcuv", g, kernel)
    grad_x = grad_pad[:, :, padding : padding + H, padding : padding + W]
    grad_bias = grad_output.sum(axis=(0, 2, 3)).astype(float)
    return grad_x, grad_kernel, grad_bias


# %% batchnorm-backward-staged | wrong | the root's slope lacks eps
def batchnorm_backward_staged(grad_output, x, gamma, eps=1e-5):
    B = x.shape[0]
    mean = x.mean(axis=0)
    centered = x - mean
    squared = centered**2
    var = squared.mean(axis=0)
    std = np.sqrt(var + eps)
    inv_std = 1 / std
    x_hat = centered * inv_std

    grads = {}
    grads["out"] = grad_output
    grads["gamma"] = (grad_output * x_hat).sum(axis=0)
    grads["beta"] = grad_output.sum(axis=0)
    grads["x_hat"] = grad_output * gamma
    grads["inv_std"] = (grads["x_hat"] * centered).sum(axis=0)
    grads["std"] = -grads["inv_std"] * inv_std**2
    grads["var"] = grads["std"] * 0.5 / np.sqrt(var)
    grads["squared"] = np.broadcast_to(grads["var"] / B, x.shape)
    grads["centered"] = grads["x_hat"] * inv_std + grads["squared"] * 2 * centered
    grads["mean"] = -grads["centered"].sum(axis=0)
    grads["x"] = grads["centered"] + grads["mean"] / B
    return grads


# %% swapped-hunt | wrong | all entries of the counterexample are equal
def kernel_gradient(grad_output, x):
    """Return the gradient with respect to the kernel, shape (c_out, c_in, kh, kw)."""
    windows = np.lib.stride_tricks.sliding_window_view(x, grad_output.shape[2:], axis=(2, 3))
    return np.einsum("bcuvij,boij->ocuv", windows, grad_output)  # the batch is summed over


def counterexample_1():
    """Return (grad_output, x) for which the function above, as it was given, is wrong."""
    return np.ones((1, 2, 2, 3)), np.ones((1, 2, 4, 5))


# %% attention-forward | wrong | -1e9 before the maximum, masked again after it
def attention_forward(Q, K, V, mask=None):
    scores = Q @ K.swapaxes(1, 2) / np.sqrt(Q.shape[2])
    if mask is None:
        mask = np.ones(scores.shape, dtype=bool)
    scores = np.where(mask, scores, -1e9)
    scores = scores - scores.max(axis=2, keepdims=True)
    powers = np.where(mask, np.exp(scores), 0.0)
    total = powers.sum(axis=2, keepdims=True)
    total = np.where(total == 0, 1.0, total)
    weights = powers / total
    return weights @ V, weights
