from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from django.core.exceptions import ImproperlyConfigured

ENVIRONMENTS = ("development", "staging", "production")
DEPLOYED = frozenset({"staging", "production"})

Kind = Literal[
    "str",
    "bool",
    "int",
    "float",
    "choice",
    "list",
    "hosts",
    "origin",
    "origins",
    "networks",
    "postgres_url",
    "redis_url",
    "bind",
    "path",
    "url_path",
    "language",
]
Parity = Literal["must_match", "must_differ", "may_differ", "tolerance"]


class UnfitValue(ImproperlyConfigured):
    """A value that cannot be used.

    `problem` is a predicate ("is neither true nor false") and `remedy` an order ("write true or false").
    What is raised for a kind that secrets have carries no part of the value.
    """

    def __init__(self, problem: str, remedy: str) -> None:
        super().__init__(f"{problem}; {remedy}")
        self.problem = problem
        self.remedy = remedy


@dataclass(frozen=True, slots=True)
class Variable:
    """One environment variable.

    `default` is a typed value, or a mapping from each environment to one. `example` is a valid text for
    people to copy where the default is no good one, `command` a shell command that makes one. `rules` look
    at the typed value and raise UnfitValue; `deployed_rules` do so in staging and production only. With
    parity "tolerance", `tolerance` is the largest ratio between two environments that needs no reason.
    """

    name: str
    kind: Kind
    default: object
    help: str
    owner: str
    parity: Parity = "must_match"
    secret: bool = False
    required_in: frozenset[str] = frozenset()
    choices: tuple[str, ...] = ()
    minimum: int | None = None
    maximum: int | None = None
    tolerance: float | None = None
    example: str = ""
    command: str = ""
    rules: tuple[Callable[[object], None], ...] = ()
    deployed_rules: tuple[Callable[[object], None], ...] = ()

    @property
    def twin(self) -> str:
        """The variable that names a file holding this one; only secrets have it."""
        return f"{self.name}_FILE"

    def default_in(self, environment: str) -> object:
        return self.default[environment] if isinstance(self.default, Mapping) else self.default


def by_environment(*, development: object, deployed: object) -> dict[str, object]:
    return {name: deployed if name in DEPLOYED else development for name in ENVIRONMENTS}
