"""What queueing theory says of the simplest cases, to hold the simulation against: M/G/1 and M/M/c.

A QUEUED pipeline whose one slow stage serves Poisson pushes is an M/G/1 queue; builds that share a capacity of c, with
exponential durations, are an M/M/c queue.
"""

from __future__ import annotations

from math import factorial

from .laws import Law


def load(rate: float, service: float, servers: int = 1) -> float:
    """How busy the servers are: arrivals a second times seconds of service, over the servers. ValueError from 1 on."""
    rho = rate * service / servers
    if rho >= 1:
        raise ValueError(f"The line grows without end: more arrives ({rho:.0%} of what can be served) than is served.")
    return rho


def wait_m_g_1(rate: float, service: Law) -> float:
    """The mean wait in front of one server, by Pollaczek and Khinchine: λ E[S²] / 2 (1 - ρ)."""
    rho = load(rate, service.mean)
    return rate * (service.variance + service.mean ** 2) / (2 * (1 - rho))


def wait_m_m_c(rate: float, service: float, servers: int) -> float:
    """The mean wait for one of c equal servers, by Erlang's C."""
    rho, offered = load(rate, service, servers), rate * service
    last = offered ** servers / factorial(servers) / (1 - rho)
    waits = last / (sum(offered ** k / factorial(k) for k in range(servers)) + last)
    return waits * service / (servers * (1 - rho))
