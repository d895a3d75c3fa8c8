# The program with its app and its sample estate, for one user without rights on the machine.
FROM python:3.12-slim AS build
WORKDIR /app
ENV UV_PROJECT_ENVIRONMENT=/app/.venv UV_PYTHON_DOWNLOADS=never UV_LINK_MODE=copy
RUN pip install --no-cache-dir uv==0.13.9
COPY pyproject.toml uv.lock README.md LICENSE ./
RUN uv sync --frozen --no-dev --extra fast --extra report --extra ui --no-install-project
COPY graph graph
COPY access access
COPY ingest ingest
COPY queries queries
COPY ui ui
RUN uv sync --frozen --no-dev --extra fast --extra report --extra ui

FROM python:3.12-slim
RUN useradd --uid 10001 --create-home --home-dir /home/estate estate \
    && install --directory --owner=estate --group=estate /estate
COPY --from=build /app /app
COPY sample/snapshot /app/sample/snapshot
ENV PATH=/app/.venv/bin:$PATH PYTHONDONTWRITEBYTECODE=1 \
    SHADOWGRAPH_STORE=sqlite:////estate/estate.db \
    NUMBA_CACHE_DIR=/estate/numba
USER estate
WORKDIR /estate
VOLUME /estate
EXPOSE 8501
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s \
    CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://localhost:8501/_stcore/health', timeout=4)"]
ENTRYPOINT ["shadowgraph"]
CMD ["ui"]
