"""The SQL warehouse's protocol: HiveServer2 Thrift (TCLIService) over HTTP, one message a request, Arrow results."""
