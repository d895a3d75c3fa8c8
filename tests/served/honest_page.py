"""A page with everything that the app is made of; `done` is the last thing on it."""

from pathlib import Path

import altair as alt
import pandas as pd
import streamlit as st

ICON = Path(__file__).parents[2] / "ui" / "favicon.svg"
PROBE = st.components.v2.component(
    "probe",
    html="<button id='probe'></button>",
    css="#probe { color: var(--st-text-color); }",
    js="""
export default function ({ parentElement, data, setTriggerValue }) {
  const button = parentElement.querySelector("#probe");
  button.textContent = data.word;
  button.onclick = () => {
    const tried = {};
    for (const [name, attempt] of Object.entries({
      eval: () => eval("1"),
      function: () => new Function("return 1")(),
    })) {
      try { attempt(); tried[name] = "ran"; } catch (error) { tried[name] = error.name; }
    }
    window.tried = tried;
    setTriggerValue("pressed", "yes");
  };
}
""",
)
FRAME = pd.DataFrame({"name": ["a", "b", "c"], "count": [1, 2, 3]})


@st.dialog("A dialog")
def dialog() -> None:
    """Ask something."""
    st.text_input("In the dialog")


def start() -> None:
    """Draw what the pages of the app draw."""
    st.title("Start")
    st.dataframe(FRAME, on_select="rerun", key="frame")
    st.download_button("Download", b"a,b\n", "rows.csv", "text/csv")
    with st.popover("Popover"):
        st.write("in the popover")
    st.selectbox("Select", ["one", "two"])
    st.text_input("Text")
    if st.button("Open dialog", icon=":material/open_in_new:"):
        dialog()
    PROBE(key="one", data={"word": "from the component"}, on_pressed_change=lambda: None)
    st.metric("Metric", 3, 1, chart_data=[1, 2, 3])
    st.altair_chart(alt.Chart(FRAME).mark_bar().encode(x="name:N", y="count:Q"))
    st.badge("Badge", icon=":material/check:")
    st.code("shadowgraph paths", language="bash")
    with st.form("form"):
        st.text_input("In the form")
        st.form_submit_button("Submit")
    st.success("done")


def other() -> None:
    """Draw another page."""
    st.title("Other")


st.set_page_config(page_title="probe", page_icon=str(ICON), layout="wide")
st.navigation(
    [
        st.Page(start, title="Start", icon=":material/home:", default=True),
        st.Page(other, title="Other", icon=":material/route:", url_path="other"),
    ]
).run()
