"""Run cellcause from a terminal: every command in a few lines that call the library.

The standard library alone is imported here; each command imports what it needs, so that `--help` answers at once.
"""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

EXAMPLES = """examples:
  cellcause check examples/dali
  cellcause run examples/dali --out out/dali
  cellcause investigate examples/dali 2010062801365464
  cellcause incident out/dali INC-20100624-00004
  cellcause convert contract/mappings/cells-uk.toml cells.csv --out uk
  cellcause learn alarms examples/dali --out relations.csv
  cellcause counters show examples/dali --object 8740-4383
  cellcause convert ves events.jsonl --out bundle
  cellcause convert pm pm-files --cells network --out bundle
"""
EVENT_FORMS = ("ves", "tmf642", "dispatch")
"""Forms of events and texts that `convert` reads without a mapping file."""
MEASUREMENTS = "pm"
"""Word by which `convert` takes measurement files."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code: 0 done, 2 the input can't be used, 1 a fault of ours."""
    options = _parser().parse_args(arguments)
    if options.command is None:
        _parser().print_help()
        return 0
    from contract.errors import InputError

    try:
        return int(options.run(options))
    except InputError as error:
        print(f"cellcause: {' '.join(str(error).split())}", file=sys.stderr)
        return 2
    except BrokenPipeError:
        return 0
    except Exception:
        logging.getLogger("cellcause").exception("a fault of the program, not of the input")
        return 1
    except KeyboardInterrupt:
        print("cellcause: stopped; nothing was written", file=sys.stderr)
        return 130


def _parser() -> argparse.ArgumentParser:
    """Return the parser of all commands."""
    parser = argparse.ArgumentParser(
        prog="cellcause",
        description="Map mobile customers' complaints to their likeliest causes, and warn before the next one.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    run = _command(
        commands, "run", "run a bundle in order of arrival and write every output table", _run
    )
    run.add_argument("bundle", type=Path, help="folder with the input tables")
    run.add_argument("--out", type=Path, required=True, help="folder for the output tables")
    run.add_argument("--quiet", action="store_true", help="no progress bar, no summary")
    run.add_argument("--scheduler", metavar="ADDRESS", help="Dask scheduler that reads regions")
    run.add_argument(
        "--jobs", type=int, metavar="N", help="processes here that read regions (default: this one)"
    )
    check = _command(
        commands, "check", "validate a bundle: what is missing and what that costs", _check
    )
    check.add_argument("bundle", type=Path, help="folder with the input tables")
    _add_asking(commands)
    report = _command(commands, "report", "draw up the report of a day from a run", _report)
    report.add_argument("out", type=Path, help="folder that `run` wrote")
    report.add_argument("--day", required=True, help="day of the report, YYYY-MM-DD")
    report.add_argument(
        "--out", type=Path, required=True, metavar="FILE", dest="page", help="page to write (HTML)"
    )
    report.add_argument("--xlsx", type=Path, metavar="FILE", help="workbook to write as well")
    report.add_argument("--lang", choices=("zh", "en"), help="language of the report")
    score = _command(commands, "score", "score a run against a world's truth", _score)
    score.add_argument("world", type=Path, help="bundle with a folder truth/")
    score.add_argument("out", type=Path, help="folder that `run` wrote")
    score.add_argument("--json", action="store_true", help="print one JSON object")
    score.add_argument("--detail", action="store_true", help="tables by cause, fault and source")
    _add_preparing(commands)
    _add_others(commands)
    _command(commands, "version", "print the version", _version)
    return parser


def _add_others(commands: Any) -> None:
    """Add the commands that are declared where what they do is."""
    from dashboards.account_commands import add_accounts
    from dashboards.answer_commands import add_answers
    from dashboards.backup_command import add_backup
    from dashboards.counter_commands import add_counters
    from dashboards.delivery_commands import add_delivery
    from dashboards.history_commands import add_history
    from dashboards.learn_commands import add_learn
    from dashboards.replay_command import add_replay
    from dashboards.serve_command import add_serving

    add_learn(commands, _command)
    add_replay(commands, _command)
    add_history(commands, _command)
    add_counters(commands, _command)
    add_answers(commands, _command)
    add_serving(commands, _command)
    add_accounts(commands, _command)
    add_delivery(commands, _command)
    add_backup(commands, _command)


def _add_asking(commands: Any) -> None:
    """Add the commands that tell of one work order or one incident."""
    look = _command(commands, "investigate", "investigate one work order", _investigate)
    look.add_argument("bundle", type=Path, help="folder with the input tables")
    look.add_argument("ticket", help="ticket_id of the work order")
    look.add_argument("--at", help="what was known then (default: arrival plus hold)")
    look.add_argument("--lang", choices=("zh", "en"), help="language of the answer")
    look.add_argument("--json", action="store_true", help="print one JSON object")
    look.add_argument("--html", type=Path, metavar="FILE", help="write one offline page")
    incident = _command(
        commands, "incident", "tell one incident of a run: its life, alarms, past", _incident
    )
    incident.add_argument("out", type=Path, help="folder that `run` wrote")
    incident.add_argument("incident", help="incident_id, of incidents.csv")
    incident.add_argument("--lang", choices=("zh", "en"), help="language (default: the settings')")
    incident.add_argument("--json", action="store_true", help="print one JSON object")
    incident.add_argument("--html", type=Path, metavar="FILE", help="write one offline page")


def _add_preparing(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the commands that prepare a bundle."""
    convert = _command(
        commands, "convert", "bring a vendor's export to the tables of the contract", _convert
    )
    convert.add_argument(
        "mapping",
        type=Path,
        help="mapping file (TOML), or the name of a shipped one; "
        "for events and texts: ves, tmf642 or dispatch; for measurement files: pm",
    )
    convert.add_argument(
        "files",
        type=Path,
        nargs="+",
        help="export files of that form; of events and measurements folders too",
    )
    convert.add_argument("--out", type=Path, required=True, help="bundle folder to write or add to")
    convert.add_argument(
        "--cells", type=Path, metavar="BUNDLE", help="pm: inventory (default: OUT)"
    )
    convert.add_argument("--counters", type=Path, metavar="FILE", help="pm: rules of your own")
    convert.add_argument("--history", metavar="ADDRESS", help="pm: a history to write to as well")
    propose = _command(commands, "map", "propose a mapping file for an unknown export", _map)
    propose.add_argument("file", type=Path, help="export file (CSV, XLSX or Parquet)")
    propose.add_argument("--table", help="table it holds (default: guessed)")
    propose.add_argument("--out", type=Path, metavar="MAPPING", help="mapping file to write")


def _command(
    commands: argparse._SubParsersAction[argparse.ArgumentParser], name: str, text: str, run: object
) -> argparse.ArgumentParser:
    """Add a command with the options all commands share."""
    command = commands.add_parser(name, help=text, description=text[0].upper() + text[1:] + ".")
    command.add_argument("--settings", type=Path, help="TOML file of settings")
    command.set_defaults(run=run)
    return command


def _run(options: argparse.Namespace) -> int:
    """Run a bundle."""
    from contract.settings import load_settings
    from correlate.run import run_to_folder
    from dashboards.progress import progress_bar
    from dashboards.summary import print_summary

    settings = load_settings(options.settings)
    with progress_bar(settings, quiet=options.quiet) as progress:
        result = run_to_folder(
            options.bundle, options.out, settings, progress=progress, schedule=_schedule(options)
        )
    if not options.quiet:
        print_summary(result, options.out)
    return 0


def _schedule(options: argparse.Namespace) -> Any:
    """Return where regions are read, None for all at once in this process."""
    from kpi.schedules import Schedule

    if options.scheduler is None and options.jobs is None:
        return None
    return Schedule(scheduler=options.scheduler, jobs=1 if options.jobs is None else options.jobs)


def _check(options: argparse.Namespace) -> int:
    """Validate a bundle."""
    from contract.bundles import read_bundle
    from contract.settings import load_settings
    from dashboards.summary import print_check

    settings = load_settings(options.settings)
    print_check(read_bundle(options.bundle, settings), settings)
    return 0


def _investigate(options: argparse.Namespace) -> int:
    """Investigate one work order."""
    from contract.settings import load_settings
    from dashboards.work_order import print_json, print_work_order

    settings = load_settings(options.settings)
    if options.lang:
        settings = settings.model_copy(update={"language": options.lang})
    if options.html:
        from dashboards.work_order_page import check_target, save_work_order

        check_target(options.html)
    found = _case(options, settings)
    if options.html:
        save_work_order(found, options.html)
        where = f"page written to {options.html}"
        print(where, file=sys.stderr if options.json else sys.stdout)
    if options.json:
        print_json(found)
    elif not options.html:
        print_work_order(found)
    return 0


def _case(options: argparse.Namespace, settings: Any) -> dict[str, Any]:
    """Return the case of a ticket: from the casebook where it is there, else by playing the bundle."""
    from correlate.case.casebook import casebook_path, find_case, told_settings

    found = None
    if options.at is None and options.bundle.is_dir():
        path = casebook_path(options.bundle, told_settings(settings))
        found = find_case(path, options.ticket)
    if found is None:
        from correlate.case.investigation import investigate

        found = investigate(options.bundle, options.ticket, settings, at=options.at)
    return found | {"language": settings.language}


def _incident(options: argparse.Namespace) -> int:
    """Tell one incident of a run."""
    from contract.settings import load_settings
    from correlate.dossier import incident_dossier
    from dashboards.incident_page import save_incident
    from dashboards.incident_sheet import print_incident, print_incident_json
    from dashboards.work_order_page import check_target

    language = options.lang or load_settings(options.settings).language
    if options.html:
        check_target(options.html)
    found = incident_dossier(options.out, options.incident)
    if options.html:
        save_incident(found, language, options.html)
        where = f"page written to {options.html}"
        print(where, file=sys.stderr if options.json else sys.stdout)
    if options.json:
        print_incident_json(found, language)
    elif not options.html:
        print_incident(found, language)
    return 0


def _report(options: argparse.Namespace) -> int:
    """Draw up the report of a day."""
    from contract.settings import load_settings
    from correlate.daily.report import day_report, parsed_day

    settings = load_settings(options.settings)
    report = day_report(options.out, parsed_day(options.day), settings)
    from dashboards.report import write_report

    write_report(report, options.page, options.xlsx, options.lang or settings.language)
    written = [str(path) for path in (options.page, options.xlsx) if path is not None]
    print(f"report of {report.day} written to {' and '.join(written)}")
    return 0


def _score(options: argparse.Namespace) -> int:
    """Score a run."""
    from contract.settings import load_settings
    from dashboards.score_sheet import print_scores

    settings = load_settings(options.settings)
    print_scores(
        options.world, options.out, settings.zone, as_json=options.json, detail=options.detail
    )
    return 0


def _convert(options: argparse.Namespace) -> int:
    """Bring a vendor's export to the tables of the contract."""
    if str(options.mapping) == MEASUREMENTS:
        return _convert_measurements(options)
    _check_for_measurements(options)
    if str(options.mapping) in EVENT_FORMS:
        return _convert_events(options)
    from contract.mapping_files import load_mapping
    from contract.mappings import convert_files
    from dashboards.summary import print_counts

    made = convert_files(load_mapping(options.mapping), options.files, options.out)
    print_counts(made.counts, options.out, rejected=made.rejected, repaired=made.repairs)
    return 0


def _convert_measurements(options: argparse.Namespace) -> int:
    """Take measurement files into the table of counters."""
    from contract.settings import load_settings
    from kpi.files.bundle_table import take_into_bundle, told

    settings = load_settings(options.settings)
    history = None
    if options.history:
        from contract.history import open_history

        history = open_history(options.history, settings=settings)
    taken = take_into_bundle(
        options.files,
        options.out,
        settings,
        cells=options.cells,
        counters=options.counters,
        history=history,
    )
    print("\n".join(told(taken, options.out)))
    return 0


def _check_for_measurements(options: argparse.Namespace) -> None:
    """Raise when an option for measurement files is given with another form."""
    from contract.errors import InputError

    given = [name for name in ("cells", "counters", "history") if getattr(options, name)]
    if given:
        msg = (
            f"`--{given[0]}` is for measurement files: `convert {MEASUREMENTS} ...`. Leave it out."
        )
        raise InputError(msg)


def _convert_events(options: argparse.Namespace) -> int:
    """Bring files of events or texts to the table of alarms."""
    from alarms.feeds.event_files import convert_events
    from contract.settings import load_settings
    from dashboards.summary import print_counts

    zone = load_settings(options.settings).zone
    made = convert_events(str(options.mapping), options.files, options.out, zone=zone)
    lists = {"rejected": made.rejected, "repaired": made.repairs, "left out": made.passed}
    print_counts(made.counts, options.out, **lists)
    return 0


def _map(options: argparse.Namespace) -> int:
    """Propose a mapping file for an unknown export."""
    from contract.proposals import propose_mapping
    from contract.settings import load_settings
    from dashboards.proposal import print_proposal

    zone = load_settings(options.settings).zone
    print_proposal(propose_mapping(options.file, table=options.table, zone=zone), options.out)
    return 0


def _version(_: argparse.Namespace) -> int:
    """Print the version."""
    from importlib.metadata import version

    print(f"cellcause {version('cellcause')}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
