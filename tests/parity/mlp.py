"""`mlp.safetensors`: a perceptron for points as torch initialises it, its output, its gradient, and steps of Adam."""

import torch
from torch import nn

from fixture import FIXTURES, save_tensors, seeded

SEED = 7
WIDTH = 16
BATCH = 24
STEPS = 10
MAX_NORM = 0.2


class Mlp(nn.Module):
    def __init__(self):
        super().__init__()
        widths = [3, WIDTH, WIDTH, 2]
        self.layers = nn.ModuleList(nn.Linear(i, o) for i, o in zip(widths, widths[1:]))

    def forward(self, x):
        for layer in self.layers[:-1]:
            x = nn.functional.silu(layer(x))
        return self.layers[-1](x)


def main():
    torch.manual_seed(SEED)
    network = Mlp()
    generator = seeded(1)
    clean = torch.randn(BATCH, 2, generator=generator)
    noise = torch.randn(BATCH, 2, generator=generator)
    log_ratio = torch.linspace(-4, 4, BATCH)
    ratio = log_ratio.double().exp()[:, None]
    alpha = 1 / (1 + ratio**2).sqrt()
    noisy = (alpha * clean + ratio * alpha * noise).float()
    tensors = {"clean": clean, "noise": noise, "log_ratio": log_ratio, "noisy": noisy}
    tensors |= {f"initial.{name}": value.clone() for name, value in network.state_dict().items()}

    adam = torch.optim.AdamW(network.parameters(), lr=1e-3, weight_decay=0.1)
    for step in range(STEPS):
        # c_noise of EDM
        output = network(torch.cat([noisy, log_ratio[:, None] / 4], dim=1))
        loss = nn.functional.mse_loss(output, noise)
        adam.zero_grad()
        loss.backward()
        if step == 0:
            tensors |= {"output": output.detach(), "loss": loss.detach()[None]}
            tensors |= {f"gradient.{name}": value.grad.clone() for name, value in network.named_parameters()}
        nn.utils.clip_grad_norm_(network.parameters(), MAX_NORM)
        adam.step()
        if step == 0:
            tensors |= {f"stepped.{name}": value.clone() for name, value in network.state_dict().items()}
    tensors |= {f"trained.{name}": value.clone() for name, value in network.state_dict().items()}
    save_tensors(FIXTURES / "mlp.safetensors", tensors)


if __name__ == "__main__":
    main()
