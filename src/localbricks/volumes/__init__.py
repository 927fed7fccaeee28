"""Volumes: files under `/Volumes/<catalog>/<schema>/<volume>/…`, managed in the home folder or external."""
