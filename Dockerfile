# creatormix as a command, for a plain user. CONTRIBUTING.md says how it is tested.
#
#   docker build --tag creatormix .
#   docker run --rm --volume "$PWD":/campaign creatormix plan scenario.yaml
#
# To write files (new, --out) as yourself, add: --user "$(id -u):$(id -g)"

FROM python:3.11-slim AS build
WORKDIR /source
COPY pyproject.toml README.md LICENSE ./
COPY optimizer ./optimizer
RUN python -m venv --without-pip /opt/creatormix
RUN pip --python /opt/creatormix/bin/python install --no-cache-dir .

FROM python:3.11-slim
COPY --from=build /opt/creatormix /opt/creatormix
ENV PATH=/opt/creatormix/bin:$PATH
USER 10001:10001
WORKDIR /campaign
ENTRYPOINT ["creatormix"]
CMD ["--help"]
