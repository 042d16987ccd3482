"""The errors that end in one clear message instead of a traceback."""


class AttritionError(Exception):
    """A mistake in settings, data or state whose text says what is wrong and what to do.

    The command line prints the text of this error and its subclasses without a traceback.
    """
