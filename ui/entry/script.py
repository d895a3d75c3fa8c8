"""Streamlit runs this file for every visit and every change."""

from ui.app import main

main()
