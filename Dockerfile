# creatormix as a command and as a service, for a plain user. CONTRIBUTING.md says how it is tested.
#
#   docker build --tag creatormix .
#   docker run --rm --volume "$PWD":/campaign creatormix plan scenario.yaml
#   docker run --rm --read-only --tmpfs /tmp --volume creatormix:/store --publish 127.0.0.1:8000:8000 \
#     --env CREATORMIX_TOKEN creatormix serve --host 0.0.0.0 --store /store/store.db
#
# To write files (new, --out) as yourself, add: --user "$(id -u):$(id -g)"

FROM python:3.11-slim AS build
WORKDIR /source
COPY pyproject.toml README.md LICENSE ./
COPY optimizer ./optimizer
RUN python -m venv --without-pip /opt/creatormix
RUN pip --python /opt/creatormix/bin/python install --no-cache-dir '.[server]'
RUN mkdir /opt/store

FROM python:3.11-slim
COPY --from=build /opt/creatormix /opt/creatormix
ENV PATH=/opt/creatormix/bin:$PATH
COPY --from=build --chown=10001:10001 /opt/store /store
USER 10001:10001
VOLUME /store
EXPOSE 8000
WORKDIR /campaign
ENTRYPOINT ["creatormix"]
CMD ["--help"]
