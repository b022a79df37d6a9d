"""What a work was made from and what was made from it: works, models, and the collections that they learned from."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from bottega.errors import UsageError
from bottega.library import database, models, rows
from bottega.library.files import located, plain
from bottega.library.tables import Collection, File, Model, Parent, Work

MOST = 400
"""Nodes of a lineage; of a model that made thousands of works, so many are told."""

Row = Work | Model | Collection


@dataclass(frozen=True)
class Node:
    """One member of a lineage.

    Attributes:
        id: of the work, the model or the collection; the beginning of its hash where it is not in the library.
        name: what it is shown as; the beginning of its hash where nothing else is known.
        path: the file or folder, where it is known.
        missing: whether it is not here: gone, or never in the library.
    """

    id: str
    kind: Literal["work", "model", "collection"]
    name: str
    path: Path | None
    missing: bool


@dataclass(frozen=True)
class Lineage:
    """Everything that one work or model comes from and led to; edges are (child, parent) by id."""

    nodes: list[Node]
    edges: list[tuple[str, str]]


class _Tree:
    """The lineage while it grows."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.nodes: dict[str, Node] = {}
        self.edges: dict[tuple[str, str], None] = {}

    def add(self, node: Node) -> bool:
        """Whether it is new, and there is room for it."""
        if node.id in self.nodes or len(self.nodes) >= MOST:
            return False
        self.nodes[node.id] = node
        return True

    def work(self, hash: str) -> tuple[Node, Work | None]:
        """A parent by the hash that its child knows it by, be that of the file before or after it was signed."""
        by_file = select(File.work).where(File.sha256 == hash)
        row = self.session.scalar(select(Work).where(or_(Work.hash == hash, Work.id.in_(by_file))))
        return _work(row) if row else Node(hash[:20], "work", hash[:12], None, True), row

    def ancestors(self, work: Work) -> None:
        """Parents of a work, theirs, and the models of all of them."""
        waiting, seen = [work], {work.id}
        while waiting:
            child = waiting.pop(0)
            if child.model:
                self.made_by(child.id, child.model, child.collection)
            asked = select(Parent.hash).where(Parent.work == child.id).order_by(Parent.place)
            for hash in self.session.scalars(asked).all():
                node, row = self.work(hash)
                self.add(node)
                self.edge(child.id, node.id)
                if row and row.id not in seen:
                    seen.add(row.id)
                    waiting.append(row)

    def descendants(self, work: Work) -> None:
        """What was made from a work, and from that."""
        waiting, seen = [work], {work.id}
        while waiting and len(self.nodes) < MOST:
            parent = waiting.pop(0)
            hashes = {parent.hash, *self.session.scalars(select(File.sha256).where(File.work == parent.id))}
            asked = select(Work).join(Parent, Parent.work == Work.id).where(Parent.hash.in_(hashes))
            for child in self.session.scalars(asked.order_by(Work.made).limit(MOST)).unique().all():
                self.add(_work(child))
                self.edge(child.id, parent.id)
                if child.id not in seen:
                    seen.add(child.id)
                    waiting.append(child)

    def made_by(self, child: str, hash: str, collection: str | None) -> None:
        """The model of a work, or the codec of a model, and what it learned from."""
        row = self.session.scalar(select(Model).where(Model.hash == hash))
        node = _model(row) if row else Node(hash[:20], "model", hash[:12], None, True)
        self.add(node)
        self.edge(child, node.id)
        if row:
            self.learned(row)
        elif collection:
            self.collection(node.id, collection)

    def learned(self, model: Model) -> None:
        """What a model learned from, and its codec."""
        if model.collection:
            self.collection(model.id, model.collection)
        if model.codec and (model.id, model.codec[:20]) not in self.edges:
            self.made_by(model.id, model.codec, None)

    def collection(self, child: str, hash: str) -> None:
        """The collection of a model."""
        row = self.session.scalar(select(Collection).where(Collection.hash == hash))
        path = Path(row.source) if row and row.source else None
        self.add(Node(hash[:20], "collection", row.name if row else hash[:12], path, row is None))
        self.edge(child, hash[:20])

    def edge(self, child: str, parent: str) -> None:
        """Between two that both found room."""
        if child in self.nodes and parent in self.nodes and child != parent:
            self.edges[child, parent] = None


def of(name: str | Path) -> Lineage:
    """The lineage of a work or a model, which comes first among its nodes.

    Args:
        name: id, the beginning of an id, or file; of a model also its name or its folder.

    Raises:
        UsageError: no such work or model.
        LibraryClosed: the database cannot be used now.
    """
    with database.reading() as session:
        tree = _Tree(session)
        try:
            work = rows.row(session, name)
        except UsageError as error:
            try:
                model = models.row(session, name)
            except UsageError:
                raise error from None
            tree.add(_model(model))
            tree.learned(model)
            made = select(Work).where(Work.model == model.hash, Work.role == "work").order_by(Work.made)
            for child in session.scalars(made.limit(MOST)).all():
                tree.add(_work(child))
                tree.edge(child.id, model.id)
        else:
            tree.add(_work(work))
            tree.ancestors(work)
            tree.descendants(work)
        return Lineage(list(tree.nodes.values()), list(tree.edges))


def called(record: dict[str, Any]) -> dict[str, str]:
    """Names of the model, the collection and the parents in a record, by their hashes; of those that are known.

    Raises:
        LibraryClosed: the database cannot be used now.
    """
    told = [record.get("model"), record.get("collection"), *(record.get("parents") or ())]
    wanted = [one for one in told if isinstance(one, str)][:MOST]
    with database.reading() as session:
        named = {row.hash: row.name for row in session.scalars(select(Model).where(Model.hash.in_(wanted)))}
        named |= {row.hash: row.name for row in session.scalars(select(Collection).where(Collection.hash.in_(wanted)))}
        by_file = select(File.sha256, Work).join(Work, Work.id == File.work).where(File.sha256.in_(wanted))
        by_hash = select(Work.hash, Work).where(Work.hash.in_(wanted))
        found = [*session.execute(by_hash), *session.execute(by_file)]
        return named | {hash: row.title or plain(Path(row.path).name) for hash, row in found}


def _work(row: Work) -> Node:
    path = located(row.path)
    return Node(row.id, "work", row.title or plain(path.stem), path, row.missing)


def _model(row: Model) -> Node:
    return Node(row.id, "model", row.name, located(row.path), row.missing)
