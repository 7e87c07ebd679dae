"""Whoever enters weighings: tells the city what is due, and goes on until each is answered."""

import logging
from collections.abc import Iterable

from services.simulator.devices.acts import Act, Chain
from services.simulator.devices.fleet import City, each
from shared.client import ApiError

CHAINS_AT_ONCE = 4
FINAL = frozenset({400, 403, 404, 409, 413, 422})

log = logging.getLogger(__name__)


class Clerk:
    """`ids`: what the city answered, by name. An act that gets no answer stays due; one that is refused for good ends its chain,
    and `refused` says why. `twice`: every act is sent again, as by a client that lost the answer."""

    def __init__(self, city: City, *, twice: bool = False) -> None:
        self.ids: dict[str, str] = {}
        self.refused: list[str] = []
        self._city, self._twice = city, twice
        self._open: list[tuple[Chain, int]] = []

    def begin(self, chains: Iterable[Chain]) -> None:
        self._open += [(chain, 0) for chain in chains]

    async def act_until(self, now_s: int) -> None:
        """Everything that is due by then, each chain in its order, a few chains at a time."""
        due = [(chain, done) for chain, done in self._open if chain.acts[done].at_s <= now_s]
        due.sort(key=lambda chain_and_done: chain_and_done[0].acts[chain_and_done[1]].at_s)
        later = [(chain, done) for chain, done in self._open if chain.acts[done].at_s > now_s]

        async def go_on(chain_and_done: tuple[Chain, int]) -> tuple[Chain, int]:
            chain, done = chain_and_done
            return chain, await self._go_on(chain, done, now_s)

        went = await each(due, go_on, CHAINS_AT_ONCE)
        self._open = later + [(chain, done) for chain, done in went if done < len(chain.acts)]

    async def _go_on(self, chain: Chain, done: int, now_s: int) -> int:
        """How many acts of the chain are done now."""
        while done < len(chain.acts) and chain.acts[done].at_s <= now_s:
            try:
                await self._tell(chain.acts[done])
            except ApiError as problem:
                if problem.status not in FINAL:
                    log.warning("%s: %s; told again later", chain.of, problem)
                    return done
                log.warning("%s is refused: %s", chain.of, problem)
                self.refused.append(f"{chain.of}: {problem}")
                return len(chain.acts)
            done += 1
        return done

    async def _tell(self, act: Act) -> None:
        path = act.path.format_map(self.ids)
        for _ in range(1 + self._twice):
            answer = await (self._city.put if act.method == "PUT" else self._city.post)(path, act.body)
            if act.gives:
                field, name = act.gives
                self.ids[name] = str(answer[field])
