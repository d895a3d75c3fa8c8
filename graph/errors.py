"""Errors that a caller of the project acts on; one root, few branches."""


class EstateError(Exception):
    """Any failure that is told to the user in one line; advice travels as notes."""


class ConfigError(EstateError):
    """A setting or an option is wrong."""


class SourceError(EstateError):
    """A file or a snapshot could not be read as what it claims to be."""


class SchemaError(EstateError):
    """A row does not fit the schema."""


class StoreError(EstateError):
    """A store could not be opened, read or written."""


class NoStoreError(StoreError):
    """There is no store where one was named: the app then says how to make one."""


class QueryError(EstateError):
    """A question names something that the graph does not hold."""


def with_advice(error: EstateError, advice: str) -> EstateError:
    """The same error, carrying one line that says what to do."""
    error.add_note(advice)
    return error
