"""One Thrift message in, one out: what comes may be anything, what goes is written by Thrift's compiled code.

The pure-Python reader is used on purpose: it can be bounded. No length in a message is larger than the message, an
element takes at least one byte, and nesting ends at Python's own depth; so the work for a message grows with its
length alone.
"""

from __future__ import annotations

from databricks.sql.thrift_api.TCLIService import TCLIService
from thrift.protocol.TBinaryProtocol import TBinaryProtocol, TBinaryProtocolAccelerated
from thrift.transport.TTransport import TMemoryBuffer


def process(processor: TCLIService.Processor, body: bytes) -> bytes:
    """Answer one message.

    Raises:
        Exception: of whatever kind, when it is no message.
    """
    incoming = TBinaryProtocol(TMemoryBuffer(body), string_length_limit=len(body), container_length_limit=len(body))
    outgoing = TMemoryBuffer()
    processor.process(incoming, TBinaryProtocolAccelerated(outgoing))
    return bytes(outgoing.getvalue())
