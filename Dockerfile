# The same steps as `make serve`. docker build -t asean-customs-assistant . && docker run -p 8000:8000 asean-customs-assistant
FROM python:3.12-slim AS base

RUN apt-get update \
    && apt-get install --yes --no-install-recommends make \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --create-home --uid 10001 assistant

WORKDIR /srv/assistant
COPY --chown=assistant . .
RUN chown assistant /srv/assistant
USER assistant

# The index is part of the image, so that a container serves at once; the volume keeps given answers.
RUN make install && .venv/bin/assistant index
VOLUME /srv/assistant/data
EXPOSE 8000
HEALTHCHECK --start-period=60s CMD [".venv/bin/python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/readyz')"]
CMD ["make", "serve", "HOST=0.0.0.0"]
