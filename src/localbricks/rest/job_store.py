"""Jobs as they were defined. They outlive the server."""

from __future__ import annotations

import json
from pathlib import Path

from localbricks.home import read_json, write_private
from localbricks.rest.endpoint import Json
from localbricks.rest.errors import invalid
from localbricks.rest.ids import new_id, now_ms


class JobStore:
    """All jobs by their number. Used from one event loop."""

    def __init__(self, file: Path, user_name: str) -> None:
        self._file = file
        self._user_name = user_name
        self._jobs: dict[int, Json] = {job["job_id"]: job for job in read_json(file).get("jobs", [])}

    def get(self, job_id: int) -> Json:
        """A job.

        Raises:
            ApiError: in the words by which the SDK recognises a job that does not exist.
        """
        if job_id not in self._jobs:
            raise invalid(f"Job {job_id} does not exist.")
        return self._jobs[job_id]

    def has(self, job_id: str) -> bool:
        """Whether there is a job of this number."""
        return job_id.isdigit() and int(job_id) in self._jobs

    def newest_first(self) -> list[Json]:
        """All jobs."""
        return sorted(self._jobs.values(), key=lambda job: job["job_id"], reverse=True)

    def create(self, settings: Json) -> int:
        """Add a job; its number."""
        job_id = new_id()
        self._jobs[job_id] = {
            "job_id": job_id,
            "creator_user_name": self._user_name,
            "run_as_user_name": self._user_name,
            "created_time": now_ms(),
            "settings": settings,
        }
        self._save()
        return job_id

    def replace_settings(self, job_id: int, settings: Json) -> None:
        """Give a job other settings."""
        self._jobs[job_id] = self.get(job_id) | {"settings": settings}
        self._save()

    def delete(self, job_id: int) -> None:
        """Delete a job."""
        self.get(job_id)
        del self._jobs[job_id]
        self._save()

    def _save(self) -> None:
        write_private(self._file, json.dumps({"jobs": list(self._jobs.values())}, indent=1))
