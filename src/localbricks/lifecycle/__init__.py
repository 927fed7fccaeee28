"""Starting and stopping a workspace: the server process, its daemon, and who runs on a home."""
