"""The script by which a test draws one page of the app without a browser."""

# AppTest cannot go to a page that is a function: the script draws it in place of the first one.
SCRIPT = """
import streamlit as st
from ui.navigation import page_objects
from ui.page import pages
from ui.shell import frame

objects = page_objects()
st.navigation(list(objects.values()), position="hidden")
frame(next(page for page in pages() if page.url_path == {page!r}), objects)
"""
