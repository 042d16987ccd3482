"""What a section of the report is made of."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from attrition.report.source import Found, Source

_NOTHING = Markup("")


@dataclass(frozen=True)
class Told:
    """What a part has to say.

    Attributes:
        says: What it shows and what to do, a sentence or two; `code` in it is set as code.
        body: HTML of a figure or a table; empty where there is nothing to show.
        title: In place of the part's own.
    """

    says: str
    body: Markup = _NOTHING
    title: str | None = None


@dataclass(frozen=True)
class Part:
    """A figure or a table as it stands on the page: what it says, and the SQL behind it.

    Attributes:
        title: What it is about.
        told: What it says and shows.
        queries: What it was made from.
        is_wide: Whether it takes the whole width where there is room for two.
    """

    title: str
    told: Told
    queries: tuple[Found, ...]
    is_wide: bool


Tell = Callable[..., Told | str | None]


@dataclass(frozen=True)
class Maker:
    """Makes a part from what its queries find.

    Attributes:
        title: Of the part.
        queries: Names of the queries, in the order in which `tell` takes what they find.
        tell: Returns what the part tells, a sentence alone, or None for no part.
        is_wide: As of `Part`.
    """

    title: str
    queries: tuple[str, ...]
    tell: Tell
    is_wide: bool

    def make(self, source: Source) -> Part | None:
        """Return the part; None where another one of the section says all there is to say."""
        found = tuple(source.read(name) for name in self.queries)
        told = self.tell(*found)
        if told is None:
            return None
        told = Told(told) if isinstance(told, str) else told
        return Part(told.title or self.title, told, found, self.is_wide)


def part(title: str, *queries: str, is_wide: bool = True) -> Callable[[Tell], Maker]:
    """Make a function that tells what queries found into the maker of a part."""
    return lambda tell: Maker(title, queries, tell, is_wide)


@dataclass(frozen=True)
class Section:
    """A question and what answers it."""

    anchor: str
    question: str
    makers: Sequence[Maker]

    def parts(self, source: Source) -> list[Part]:
        """Return its parts; one of them says what this build cannot answer."""
        able = [maker for maker in self.makers if not unknown(source, maker)]
        made = [made for maker in able if (made := maker.make(source))]
        rest = [maker for maker in self.makers if maker not in able]
        if rest:
            names = sorted({query.name for maker in rest for query in unknown(source, maker)})
            queries = tuple(source.read(name) for name in names)
            made.append(Part("Not in this build", Told(_cannot(rest, names)), queries, True))
        return made


def unknown(source: Source, maker: Maker) -> list[Found]:
    """Return the queries of a part that name what this build does not have."""
    return [found for name in maker.queries if not (found := source.read(name)).is_known]


def _cannot(makers: Sequence[Maker], queries: Sequence[str]) -> str:
    titles = ", ".join(f"“{maker.title}”" for maker in makers)
    return (
        f"{titles}: this build does not have the tables or columns that they are made from "
        f"(queries {', '.join(queries)}). Run `attrition build` with the current version of the "
        "project."
    )
