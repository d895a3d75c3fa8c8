"""The pages, a file each; `ui.page` finds every module of this package that declares `PAGE`. They draw and decide nothing."""
