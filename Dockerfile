# The program with its sample estate, for one user without rights on the machine.
FROM python:3.12-slim AS build
WORKDIR /app
ENV UV_PROJECT_ENVIRONMENT=/app/.venv UV_PYTHON_DOWNLOADS=never UV_LINK_MODE=copy
RUN pip install --no-cache-dir uv==0.13.9
COPY pyproject.toml uv.lock README.md LICENSE ./
RUN uv sync --frozen --no-dev --extra fast --no-install-project
COPY graph graph
COPY access access
COPY ingest ingest
COPY queries queries
COPY ui ui
RUN uv sync --frozen --no-dev --extra fast

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
ENTRYPOINT ["shadowgraph"]
CMD ["--help"]
