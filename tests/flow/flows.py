"""Flows small enough to hold in mind: one that calls another, and one that loops over products."""

from bot.flow.release import Release
from bot.flow.run import Item
from tests.flow.small import release

OUTER = """flow: outer
start: first
first:
  ask: yesno
  then: {yes: inner, no: bye}
inner:
  call: inner
  then: second
second:
  ask: number
  between: 0..9
  record: checkin
  with: [first]
  then: bye
bye: end
"""
INNER = """flow: inner
start: colour
colour:
  ask: choice
  among: [red, green]
  right: red
  then: done
"""
LOOP = """flow: loop
start: boxes
boxes:
  each: products
  do: kind
  as: product
  record: stock
  with: {unit: unit_name}
  then: bye
kind:
  look: why
  then: {odd: odd, else: count}
odd:
  ask: yesno
  keep: no
  then: {yes: count, no: skip}
count:
  ask: number
  between: 0..99
  then: next
bye: end
"""
PRODUCTS = (
    Item("SRO", {"fr": "Sels"}, {"unit_name": "sachet"}),
    Item("CTE", {}, {"why": "odd"}),
    Item("PAR", {}, {}),
)


def loop_release() -> Release:
    return release(LOOP, loop__bye="Fait : {report}.", loop__count="{item} ({code}) ?", loop__odd="{item} ?")
