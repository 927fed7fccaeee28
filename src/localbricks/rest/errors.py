"""Errors as Databricks' REST API words them: an HTTP status, an error code, a message."""

from __future__ import annotations

from starlette.responses import JSONResponse

from localbricks.errors import DatabricksError

# Statuses of errors that come from other rooms, by their error class.
_BY_CLASS = {
    "VOLUME_NOT_FOUND": (404, "NOT_FOUND"),
    "INVALID_VOLUME_PATH": (400, "INVALID_PARAMETER_VALUE"),
    "UNSUPPORTED_FEATURE.LOCALBRICKS": (501, "NOT_IMPLEMENTED"),
}


class ApiError(Exception):
    """A refused request."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message

    def response(self) -> JSONResponse:
        """The error as the client gets it."""
        # What a client sent may be quoted, also halves of characters that no encoding has.
        message = self.message.encode("utf-8", "replace").decode()
        return JSONResponse({"error_code": self.code, "message": message}, self.status)


def invalid(message: str) -> ApiError:
    """A parameter that is missing or makes no sense."""
    return ApiError(400, "INVALID_PARAMETER_VALUE", message)


def missing(message: str) -> ApiError:
    """Something that does not exist."""
    return ApiError(404, "RESOURCE_DOES_NOT_EXIST", message)


def not_served(what: str, instead: str) -> ApiError:
    """Something that Databricks has and localbricks has not: named, never silent."""
    return ApiError(400, "INVALID_PARAMETER_VALUE", f"localbricks does not support {what}. {instead}")


def from_databricks_error(error: DatabricksError) -> ApiError:
    """An error of another room in the shape of this one."""
    status, code = _BY_CLASS.get(error.error_class, (400, "INVALID_PARAMETER_VALUE"))
    return ApiError(status, code, error.message)
