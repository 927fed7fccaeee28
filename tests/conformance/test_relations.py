"""Relations that change their type; schemas that go."""

from conformance.published import adopt

adopt(__name__, "relations")
