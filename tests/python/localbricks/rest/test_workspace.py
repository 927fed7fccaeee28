"""Workspace and permissions, and that both outlive the server."""

from __future__ import annotations

import base64
import os
from pathlib import Path

import pytest
from databricks.sdk import WorkspaceClient
from databricks.sdk.errors import BadRequest, DatabricksError, InvalidParameterValue, ResourceDoesNotExist
from databricks.sdk.service.iam import AccessControlRequest, PermissionLevel
from databricks.sdk.service.workspace import ImportFormat, Language, ObjectType

from localbricks.rest.errors import ApiError
from localbricks.rest.forms import form_fields
from localbricks.rest.workspace_store import WorkspaceStore, normal_path


def write(client: WorkspaceClient, path: str, code: str = "1", **options: object) -> None:
    """Import a Python notebook."""
    content = base64.b64encode(code.encode()).decode()
    client.workspace.import_(path, content=content, language=Language.PYTHON, format=ImportFormat.SOURCE, **options)


class TestWorkspace:
    def test_life_of_a_notebook(self, client: WorkspaceClient) -> None:
        client.workspace.mkdirs("/Shared/a/b")
        write(client, "/Shared/a/b/n", "x = 'é'")
        status = client.workspace.get_status("/Workspace/Shared/a/b/n")
        assert (status.object_type, status.language, status.path) == (
            ObjectType.NOTEBOOK,
            Language.PYTHON,
            "/Shared/a/b/n",
        )
        exported = client.workspace.export("/Shared/a/b/n").content
        assert base64.b64decode(exported).decode() == "x = 'é'"
        write(client, "/Shared/a/b/n", "y", overwrite=True)
        assert client.workspace.get_status("/Shared/a/b/n").object_id == status.object_id
        assert [item.path for item in client.workspace.list("/Shared/a", recursive=True)] == ["/Shared/a/b/n"]
        with pytest.raises(BadRequest, match="not empty"):
            client.workspace.delete("/Shared/a")
        client.workspace.delete("/Shared/a", recursive=True)
        with pytest.raises(ResourceDoesNotExist):
            client.workspace.get_status("/Shared/a/b/n")

    def test_upload_and_download(self, client: WorkspaceClient) -> None:
        content = os.urandom(10_000) + b"\r\n--x\r\n"
        client.workspace.upload("/Shared/file.bin", content, format=ImportFormat.AUTO)
        assert client.workspace.download("/Shared/file.bin").read() == content
        assert client.workspace.get_status("/Shared/file.bin").object_type is ObjectType.FILE

    def test_a_notebook_by_its_header(self, client: WorkspaceClient) -> None:
        source = b"# Databricks notebook source\nx = 1"
        client.workspace.upload("/Shared/by_header.py", source, format=ImportFormat.AUTO)
        assert client.workspace.get_status("/Shared/by_header").object_type is ObjectType.NOTEBOOK

    def test_the_folder_must_be_there(self, client: WorkspaceClient) -> None:
        with pytest.raises(ResourceDoesNotExist, match="parent folder"):
            write(client, "/Shared/none/n")

    def test_nothing_is_overwritten_by_accident(self, client: WorkspaceClient) -> None:
        write(client, "/Shared/once")
        with pytest.raises(DatabricksError, match="already exists"):
            write(client, "/Shared/once")
        with pytest.raises(DatabricksError, match="not a directory"):
            client.workspace.mkdirs("/Shared/once/below")
        client.workspace.mkdirs("/Shared/folder")
        with pytest.raises(DatabricksError, match="already exists"):
            write(client, "/Shared/folder", overwrite=True)

    @pytest.mark.parametrize("path", ["/Shared/../../etc/passwd", "/Shared/./x", "relative", "/a\0b"])
    def test_paths_cannot_lead_out(self, path: str) -> None:
        with pytest.raises(ApiError):
            normal_path(path)

    def test_no_path_is_a_path_on_disk(self, client: WorkspaceClient, workspace) -> None:
        write(client, "/Shared/Name", "upper")
        write(client, "/Shared/name", "lower")
        assert base64.b64decode(client.workspace.export("/Shared/Name").content) == b"upper"
        names = [file.name for file in (workspace.workspace_dir / "files" / "objects").iterdir()]
        assert all(name.isdigit() for name in names)

    def test_other_formats_are_refused(self, client: WorkspaceClient) -> None:
        with pytest.raises(InvalidParameterValue, match="DBC"):
            client.workspace.import_("/Shared/x", content="", format=ImportFormat.DBC)
        with pytest.raises(InvalidParameterValue, match="language is required"):
            client.workspace.import_("/Shared/x", content="", format=ImportFormat.SOURCE)

    def test_it_outlives_the_server(self, tmp_path: Path) -> None:
        store = WorkspaceStore(tmp_path, "me")
        store.mkdirs("/Shared/a")
        store.put("/Shared/a/n", "NOTEBOOK", "PYTHON", b"x = 1", overwrite=False)
        again = WorkspaceStore(tmp_path, "me")
        assert again.get("/Shared/a/n") == store.get("/Shared/a/n")
        assert again.content(again.get("/Shared/a/n")) == b"x = 1"
        assert oct((tmp_path / "index.json").stat().st_mode)[-3:] == "600"


class TestForms:
    def test_fields(self) -> None:
        body = b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n--b\r\n'
        body += b'Content-Disposition: form-data; name="f"; filename="f"\r\n\r\n\r\nx\n\r\n--b--\r\n'
        assert form_fields('multipart/form-data; boundary="b"', body) == {"a": b"1", "f": b"\r\nx\n"}

    @pytest.mark.parametrize("content_type", ["multipart/form-data", "multipart/form-data; boundary=b"])
    def test_malformed(self, content_type: str) -> None:
        with pytest.raises(ApiError):
            form_fields(content_type, b"--b\r\nnonsense\r\n--b--\r\n")


class TestPermissions:
    @pytest.fixture
    def object_id(self, client: WorkspaceClient) -> str:
        write(client, "/Shared/permitted", overwrite=True)
        return str(client.workspace.get_status("/Shared/permitted").object_id)

    def levels(self, permissions) -> dict[str, list[str]]:
        return {
            control.user_name or control.group_name: [one.permission_level.value for one in control.all_permissions]
            for control in permissions.access_control_list
        }

    def test_set_update_get(self, client: WorkspaceClient, object_id: str) -> None:
        analysts = AccessControlRequest(group_name="analysts", permission_level=PermissionLevel.CAN_READ)
        answer = client.permissions.set("notebooks", object_id, access_control_list=[analysts])
        assert answer.object_id == f"/notebooks/{object_id}"
        assert answer.object_type == "notebook"
        someone = AccessControlRequest(user_name="x@y", permission_level=PermissionLevel.CAN_RUN)
        client.permissions.update("notebooks", object_id, access_control_list=[someone])
        assert self.levels(client.permissions.get("notebooks", object_id)) == {
            "analysts": ["CAN_READ"],
            "x@y": ["CAN_RUN"],
        }

    def test_an_object_begins_with_its_owner(self, client: WorkspaceClient) -> None:
        write(client, "/Shared/new")
        object_id = str(client.workspace.get_status("/Shared/new").object_id)
        assert self.levels(client.permissions.get("notebooks", object_id)) == {"someone@localhost": ["CAN_MANAGE"]}

    def test_refused(self, client: WorkspaceClient, object_id: str) -> None:
        owner = AccessControlRequest(user_name="x@y", permission_level=PermissionLevel.IS_OWNER)
        with pytest.raises(InvalidParameterValue, match="IS_OWNER"):
            client.permissions.set("notebooks", object_id, access_control_list=[owner])
        with pytest.raises(ResourceDoesNotExist, match="Notebook 1 does not exist"):
            client.permissions.get("notebooks", "1")
        with pytest.raises(InvalidParameterValue, match="permissions of clusters"):
            client.permissions.get("clusters", "1")
