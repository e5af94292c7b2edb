# docker build -t prodigy-lab . && docker run -p 8501:8501 prodigy-lab
# With --build-arg EXTRAS=dask it is the image of a cluster's scheduler and workers too (docs/cluster.md).

FROM python:3.11-slim AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore
WORKDIR /src
# Without a pip of its own the environment is smaller; the pip of the base image fills it.
RUN python -m venv --without-pip /opt/venv
# The dependencies are a layer of their own: a change of the code does not load them again.
COPY pyproject.toml constraints.txt ./
ARG EXTRAS=
RUN python -c "import tomllib; p = tomllib.load(open('pyproject.toml', 'rb'))['project']; print(*p['dependencies'], *(r for e in '$EXTRAS'.split() for r in p['optional-dependencies'][e]), sep='\n')" > /tmp/direct.txt \
 && pip --python /opt/venv/bin/python install --compile -c constraints.txt -r /tmp/direct.txt
COPY . .
RUN pip wheel --no-deps --wheel-dir /tmp/wheel . \
 && pip --python /opt/venv/bin/python install --compile --no-deps /tmp/wheel/*.whl
# The packages' own tests are a tenth of the image. NumPy's stay: numpy.testing imports some of them.
RUN find /opt/venv -type d -name tests ! -path '*/numpy/*' -prune -exec rm -rf {} +

FROM python:3.11-slim
RUN useradd --uid 10001 --create-home lab \
 && install -d -o lab -g lab /home/lab/.cache /home/lab/.cache/prodigy-lab
COPY --from=build /opt/venv /opt/venv
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    PRODIGY_LAB_CACHE=/home/lab/.cache/prodigy-lab
USER lab
WORKDIR /home/lab
EXPOSE 8501
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s \
  CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8501/_stcore/health', timeout=4)"]
CMD ["prodigy-lab", "app", "--host", "0.0.0.0", "--port", "8501"]
