"""What to do next with a run that did not come to its end."""

import json
from io import BytesIO
from pathlib import Path

import pytest

from imports.accounts import account_of
from imports.faults import DeliveryRefused, Interrupted
from imports.models import Run
from imports.orders import Order
from imports.progress import Progress
from imports.reporting import next_steps
from imports.retrying import export_of, open_rejects, retry_rejects
from imports.runs import import_delivery, import_upload, spool
from imports.uploads import confirm, prepare, queue_upload
from tests.imports.deliveries import record, write_jsonl, wxr, wxr_item

QUIET = Progress(visible=False)


def stopped() -> Progress:
    progress = Progress(visible=False)
    progress.stop(Interrupted(15))
    return progress


def first_step() -> tuple[str, str]:
    return next_steps(account_of(Run.objects.latest("pk")))[0]


@pytest.fixture
def path(tmp_path) -> Path:
    return write_jsonl(tmp_path / "press.jsonl", record("a-1"), record("b-2", title=None))


def upload(content: bytes) -> Run:
    kept = spool().keep(BytesIO(content))
    run, _ = queue_upload(Order("press"), kept=kept, name="press.jsonl", who="ada")
    prepare(run, progress=QUIET)
    run.refresh_from_db()
    return run


def test_a_command_is_gone_on_with_by_repeating_it(transactional_db, path):
    with pytest.raises(Interrupted):
        import_delivery(str(path), Order("press"), progress=StoppedInTheCheck())
    assert first_step() == ("go on", f"manage.py import {path} --source press")


class StoppedInTheCheck(Progress):
    def __init__(self) -> None:
        super().__init__(visible=False)

    def start(self, stage: str, *, total: int | None = None) -> None:
        super().start(stage, total=total)
        if stage == "checking":
            self.stop(Interrupted(15))


def test_a_retry_is_gone_on_with_as_it_was_and_one_of_mended_records_needs_its_file(bring_in, path):
    run = Run.objects.get(pk=bring_in(path).run)
    with pytest.raises(Interrupted):
        retry_rejects(run, progress=stopped())
    assert first_step() == ("go on", f"manage.py imports retry {run.pk}")
    (reject,) = (json.loads(export_of(reject)) for reject in open_rejects(run))
    reject["record"]["title"] = "Mended"
    with pytest.raises(Interrupted):
        retry_rejects(run, mended=BytesIO(json.dumps(reject).encode()), progress=stopped())
    assert first_step() == ("go on, with the same FILE", f"manage.py imports retry {run.pk} --from FILE")


def test_an_upload_is_gone_on_with_where_it_was_made(transactional_db, path):
    run = upload(path.read_bytes())
    assert confirm(run)
    run.refresh_from_db()
    with pytest.raises(Interrupted):
        import_upload(run, progress=stopped())
    assert first_step() == ("go on, in the admin", f"/admin/imports/run/{run.pk}/change/")


def test_an_upload_that_was_refused_is_uploaded_anew(transactional_db):
    assert upload(b"nothing that anybody knows").state == "refused"
    assert first_step() == ("upload it again, when mended", "/admin/imports/run/upload/")


def test_a_command_that_was_refused_is_repeated(bring_in, tmp_path):
    path = tmp_path / "blog.xml"
    path.write_text(wxr(wxr_item("1"))[:-40])
    with pytest.raises(DeliveryRefused):
        bring_in(path, source="blog")
    assert first_step() == ("repeat, when mended", f"manage.py import {path} --source blog")


def test_a_run_that_a_limit_stopped_is_repeated_with_a_higher_one(bring_in, path):
    bring_in(path)
    write_jsonl(path, record("c-3", title="Another"))
    assert bring_in(path, delete_missing=True, max_missing=0.1).state == "stopped"
    assert first_step() == (
        "repeat, if so many may go, with a higher limit",
        f"manage.py import {path} --source press --delete-missing --max-missing N%",
    )
