"""What happens to the index when shops and their offers change."""

from collections.abc import Collection, Iterable, Sequence

from sqlalchemy import delete, exists, insert, select
from sqlalchemy.orm import Session

from o2o.offers.models import Offer, Terms
from o2o.shops.models import VISIBLE, Shop
from o2o.vocabulary.models import Phrase, PhraseKey, PhraseUse, ShopTerm
from o2o.vocabulary.sounds import keys_of, squash
from o2o.vocabulary.terms import terms_of

CHUNK = 500
MOST_PHRASES = 120  # of one shop
LONGEST_PHRASE = 120
Texts = dict[int, dict[tuple[str, str], None]]


def reindex(session: Session, *, shop_ids: Collection[int]) -> None:
    """Write the search terms and phrases of shops anew; those that are gone lose theirs."""
    ids = sorted(shop_ids)
    for start in range(0, len(ids), CHUNK):
        chunk = ids[start : start + CHUNK]
        texts = _texts(session, chunk)
        _write_terms(session, chunk, texts)
        _write_phrases(session, chunk, texts)


def rebuild(session: Session) -> int:
    """Write the whole index anew; return how many shops are in it."""
    for table in (PhraseKey, PhraseUse, Phrase, ShopTerm):
        session.execute(delete(table))
    ids = session.scalars(select(Shop.id).where(Shop.status.in_(VISIBLE))).all()
    reindex(session, shop_ids=ids)
    return len(ids)


def _texts(session: Session, ids: Sequence[int]) -> Texts:
    """Collect what stands on the signs and menus of shops that are there: (kind, text) in the order of weight."""
    found: Texts = {}
    for row in session.scalars(select(Shop).where(Shop.id.in_(ids), Shop.status.in_(VISIBLE))):
        texts = [("name", row.name), ("name", row.name_zh), ("name", row.name_en), ("brand", row.brand)]
        found[row.id] = {(kind, text): None for kind, text in texts if text}
    on_sale = (
        select(Terms.shop_id, Terms.title, Terms.contents)
        .join(Offer, Offer.terms_id == Terms.id)
        .where(Offer.shop_id.in_(ids), Offer.state == "on_sale")
        .order_by(Offer.id)
    )
    for shop_id, title, contents in session.execute(on_sale):
        if shop_id in found:
            found[shop_id].update({("dish", text): None for text in (title, *(line[0] for line in contents))})
    for shop_id, words in session.execute(select(Shop.id, Shop.words).where(Shop.id.in_(list(found)))):
        found[shop_id].update({("word", text): None for text in words.split()})
    return found


def _write_terms(session: Session, ids: Sequence[int], texts: Texts) -> None:
    session.execute(delete(ShopTerm).where(ShopTerm.shop_id.in_(ids)))
    rows = [
        {"term": term, "shop_id": shop_id}
        for shop_id, said in texts.items()
        for term in terms_of(text for _kind, text in said)
    ]
    if rows:
        session.execute(insert(ShopTerm), rows)


def _write_phrases(session: Session, ids: Sequence[int], texts: Texts) -> None:
    """Say which phrases the shops use; what nobody uses any more is forgotten."""
    before = set(session.scalars(select(PhraseUse.phrase_id).where(PhraseUse.shop_id.in_(ids))))
    if before:
        session.execute(delete(PhraseUse).where(PhraseUse.shop_id.in_(ids)))
    wanted = {
        (shop_id, kind, phrase)
        for shop_id, said in texts.items()
        for kind, phrase in [(kind, _phrase(text)) for kind, text in said][:MOST_PHRASES]
        if phrase
    }
    known = _known(session, sorted({phrase for _shop_id, _kind, phrase in wanted}))
    rows = [
        {"shop_id": shop_id, "phrase_id": known[phrase], "kind": kind}
        for shop_id, kind, phrase in sorted(wanted)
    ]
    if rows:
        session.execute(insert(PhraseUse), rows)
    _forget(session, before - set(known.values()))


def _phrase(text: str) -> str:
    """Write a text as a phrase; nothing when there is nothing in it to type."""
    short = " ".join(text.split())[:LONGEST_PHRASE]
    return short if squash(short) else ""


def _known(session: Session, phrases: Sequence[str]) -> dict[str, int]:
    """Give the ids of phrases, new ones included."""
    known: dict[str, int] = {}
    for part in _parts(phrases):
        rows = session.execute(select(Phrase.text, Phrase.id).where(Phrase.text.in_(part)))
        known.update((text, number) for text, number in rows)
    new = [{"text": text} for text in phrases if text not in known]
    if new:
        made = session.execute(insert(Phrase).returning(Phrase.text, Phrase.id), new).all()
        keys = [
            {"key": key, "phrase_id": number, "start": start}
            for text, number in made
            for key, start in keys_of(text)
        ]
        session.execute(insert(PhraseKey), sorted(keys, key=lambda row: (row["key"], row["phrase_id"])))
        known.update((text, number) for text, number in made)
    return known


def _forget(session: Session, unused: Iterable[int]) -> None:
    for part in _parts(sorted(unused)):
        gone = select(Phrase.id).where(Phrase.id.in_(part), ~exists().where(PhraseUse.phrase_id == Phrase.id))
        ids = session.scalars(gone).all()
        session.execute(delete(PhraseKey).where(PhraseKey.phrase_id.in_(ids)))
        session.execute(delete(Phrase).where(Phrase.id.in_(ids)))


def _parts(things: Sequence[int] | Sequence[str]) -> Iterable[Sequence[int] | Sequence[str]]:
    return (things[start : start + CHUNK] for start in range(0, len(things), CHUNK))
