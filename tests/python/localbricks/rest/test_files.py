"""Files API on volumes."""

from __future__ import annotations

import io
import os
from pathlib import Path

import pytest
import requests
from databricks.sdk import WorkspaceClient
from databricks.sdk.errors import DatabricksError, NotFound, ResourceConflict
from waiting import wait_until

VOLUME = "/Volumes/main/s/v"


class TestFiles:
    @pytest.mark.parametrize("size", [0, 10, 3_000_000])
    def test_upload_and_download(self, client: WorkspaceClient, size: int) -> None:
        content = os.urandom(size)
        path = f"{VOLUME}/sizes/{size} é.bin"
        client.files.upload(path, io.BytesIO(content))
        assert client.files.download(path).contents.read() == content
        assert client.files.get_metadata(path).content_length == size

    def test_large_files_go_in_one_piece(self, client: WorkspaceClient, tmp_path: Path) -> None:
        """The SDK first asks for addresses to upload and download parts; it must get over the refusal."""
        source, target = tmp_path / "source", tmp_path / "target"
        source.write_bytes(os.urandom(1024) * 1024 * 51)
        client.files.upload_from(f"{VOLUME}/large", str(source))
        client.files.download_to(f"{VOLUME}/large", str(target))
        assert target.read_bytes() == source.read_bytes()

    def test_overwrite(self, client: WorkspaceClient) -> None:
        path = f"{VOLUME}/once"
        client.files.upload(path, io.BytesIO(b"1"), overwrite=False)
        with pytest.raises(ResourceConflict, match="already exists"):
            client.files.upload(path, io.BytesIO(b"2"), overwrite=False)
        client.files.upload(path, io.BytesIO(b"3"), overwrite=True)
        assert client.files.download(path).contents.read() == b"3"

    def test_range(self, client: WorkspaceClient, url: str) -> None:
        client.files.upload(f"{VOLUME}/ten", io.BytesIO(b"0123456789"))
        address = f"{url}/api/2.0/fs/files{VOLUME}/ten"
        answer = requests.get(address, headers={"Range": "bytes=2-4"}, timeout=10)
        assert (answer.status_code, answer.content) == (206, b"234")
        head = requests.head(address, timeout=10)
        assert (head.headers["content-length"], head.content) == ("10", b"")
        old = {"If-Unmodified-Since": "Mon, 01 Jan 2001 00:00:00 GMT"}
        assert requests.get(address, headers=old, timeout=10).status_code == 412
        same = {"If-Unmodified-Since": head.headers["last-modified"]}
        assert requests.get(address, headers=same, timeout=10).status_code == 200

    def test_delete(self, client: WorkspaceClient) -> None:
        client.files.upload(f"{VOLUME}/gone", io.BytesIO(b""))
        client.files.delete(f"{VOLUME}/gone")
        for call in (client.files.delete, client.files.get_metadata, client.files.download):
            with pytest.raises(NotFound):
                call(f"{VOLUME}/gone")

    def test_an_upload_that_breaks_off_leaves_nothing(self, client: WorkspaceClient, workspace, url: str) -> None:
        client.files.upload(f"{VOLUME}/broken/whole", io.BytesIO(b""))

        def broken():
            yield b"first"
            wait_until(lambda: len(list(folder.iterdir())) == 2, 10)
            raise OSError("gone")

        folder = workspace.volumes.root / "broken"
        with pytest.raises((OSError, requests.ConnectionError)):
            requests.put(f"{url}/api/2.0/fs/files{VOLUME}/broken/file", data=broken(), timeout=10)
        wait_until(lambda: [file.name for file in folder.iterdir()] == ["whole"], 10)


class TestDirectories:
    def test_life_of_a_directory(self, client: WorkspaceClient) -> None:
        client.files.create_directory(f"{VOLUME}/d/e")
        client.files.create_directory(f"{VOLUME}/d/e")
        client.files.get_directory_metadata(f"{VOLUME}/d/e")
        client.files.upload(f"{VOLUME}/d/f.csv", io.BytesIO(b"abc"))
        found = {entry.name: entry for entry in client.files.list_directory_contents(f"{VOLUME}/d")}
        assert found["e"].is_directory
        assert (found["f.csv"].file_size, found["f.csv"].path) == (3, f"{VOLUME}/d/f.csv")
        with pytest.raises(DatabricksError, match="not empty"):
            client.files.delete_directory(f"{VOLUME}/d")
        client.files.delete_directory(f"{VOLUME}/d/e")
        with pytest.raises(NotFound):
            client.files.get_directory_metadata(f"{VOLUME}/d/e")

    def test_pages(self, client: WorkspaceClient) -> None:
        for number in range(5):
            client.files.upload(f"{VOLUME}/pages/{number}", io.BytesIO(b""))
        names = [entry.name for entry in client.files.list_directory_contents(f"{VOLUME}/pages", page_size=2)]
        assert names == list("01234")

    def test_the_root_stays(self, client: WorkspaceClient) -> None:
        with pytest.raises(DatabricksError, match="root of a volume"):
            client.files.delete_directory(VOLUME)


class TestPaths:
    def test_unknown_volume(self, client: WorkspaceClient) -> None:
        with pytest.raises(NotFound, match="No volume"):
            next(client.files.list_directory_contents("/Volumes/main/s/other"))
        with pytest.raises(NotFound, match="No volume"):
            client.files.upload("/Volumes/main/s/other/x", io.BytesIO(b""))

    @pytest.mark.parametrize("path", ["/%2e%2e/%2e%2e/files/index.json", "/../../files/index.json", "/..%2f..%2fx"])
    def test_no_way_out(self, url: str, path: str) -> None:
        request = requests.Request("GET", url).prepare()
        request.url = f"{url}/api/2.0/fs/files{VOLUME}{path}"
        answer = requests.Session().send(request, timeout=10)
        assert answer.status_code in (400, 404)
        assert answer.json()["error_code"] in ("INVALID_PARAMETER_VALUE", "NOT_FOUND", "ENDPOINT_NOT_FOUND")
