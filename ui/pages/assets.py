"""The page of assets in the shadow."""

from __future__ import annotations

import streamlit as st

from ui.page import PageDeclaration
from ui.pagemodels.assets import AssetDetail, AssetsModel, build_model
from ui.pagemodels.export import Export
from ui.render.markdown import plain
from ui.settled import ASSET, FINDING, decide_form
from ui.shell import Shell, choice, metrics, tools, written


def draw(shell: Shell) -> None:
    """Draw the counts by reason, the assets with why and who, and the one that is looked at."""
    st.title("Assets & shadow", anchor=False)
    reading = shell.reading
    if reading is None or reading.run is None:
        shell.state(checked="", rows=0)
        return
    model = build_model(reading, shell.params, shell.filters, now=shell.now)
    if not model.audited:
        st.info(
            "The rules were not asked of this version yet: run `shadowgraph check`.",
            icon=":material/rule:",
        )
        return
    if not shell.state(
        checked=model.checked, rows=model.rows, shown=_shown(model), rests_on=model.rests_on
    ):
        return
    tools(shell, Export("shadow assets", model.sheet, model.command, model.rests_on))
    metrics(model.metrics)
    if model.unknown:
        st.markdown(plain(model.unknown))
    left, right = st.columns(2)
    with left:
        choice("reason", "Reason", model.reasons, model.reason)
    with right:
        choice("kind", "Kind", model.kinds, model.kind)
    _listed(shell, model)
    if model.detail is not None:
        _detail(shell, model.detail)


def _shown(model: AssetsModel) -> int:
    """How many rows there are to show; a choice of the page itself that leaves none is told beside it."""
    return max(len(model.assets), 1 if model.reason or model.kind else 0)


def _listed(shell: Shell, model: AssetsModel) -> None:
    if not model.assets:
        st.markdown("No asset has this reason and kind.")
        return
    chosen = st.dataframe(
        model.sheet.frame(),
        key="assets-rows",
        hide_index=True,
        on_select="rerun",
        selection_mode="single-row",
        column_config={
            "Why": st.column_config.TextColumn(width=380),
            "What to do": st.column_config.TextColumn(width=260),
        },
    )
    picked = [
        str(model.assets[row].asset) for row in chosen.selection.rows if row < len(model.assets)
    ]
    if picked and picked[0] != shell.params.get("id"):
        shell.set(id=picked[0])
        st.rerun()
    if model.detail is None:
        st.markdown("Select a row to see what speaks for it, and to decide.")


def _detail(shell: Shell, detail: AssetDetail) -> None:
    with st.container(border=True):
        st.subheader(plain(detail.asset.name), anchor=False)
        for target in detail.links:
            shell.link(target, icon=":material/arrow_forward:")
        for one, sheet in detail.findings:
            st.markdown(f"**{plain(str(one.held['title']))}**")
            written(sheet)
            decide_form(shell, one.row.id, FINDING)
        st.markdown("**Who answers for it**")
        decide_form(shell, str(detail.asset.asset), ASSET)


PAGE = PageDeclaration("Assets & shadow", "assets", ":material/visibility_off:", 6, draw)
