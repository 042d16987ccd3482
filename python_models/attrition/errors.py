"""The errors that end in one clear message instead of a traceback."""


class AttritionError(Exception):
    """A mistake in settings, data or state whose text says what is wrong and what to do.

    The command line prints the text of this error and its subclasses without a traceback.
    """


def first_line(error: BaseException) -> str:
    """Return the first line of an error's message, ending in a full stop.

    A line that only announces the next, such as `SQL compilation error:`, takes it along; of a
    traceback within the message only its end is taken.
    """
    said = getattr(error, "raw_msg", None) or getattr(error, "message", None) or error
    text = str(said).strip() or type(error).__name__
    before, traceback, frames = text.partition("Traceback (most recent call last):")
    if traceback:
        raised = [line for line in frames.splitlines() if line and not line.startswith(" ")]
        text = f"{before}{raised[0]}" if raised else before.strip()
    first, _, rest = text.partition("\n")
    if first.endswith(":") and rest:
        first = f"{first} {rest.splitlines()[0].strip()}"
    return first.rstrip(".") + "."
