# Two images of one source: `holdfast` (target `api`: the service, and the controller as another command) and
# `holdfast-job` (target `job`: one run of the holdfast command, with the programs of the databases).
#   docker build --target api --tag holdfast .
#   docker build --target job --tag holdfast-job .
# The same lock file and the same base image (name it by digest for a release) give the same content.
ARG NODE_IMAGE=node:24-trixie-slim

FROM ${NODE_IMAGE} AS dependencies
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# Source maps and types serve who builds, and are a third of the packages' bytes.
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund \
  && find node_modules -type f \( -name '*.map' -o -name '*.d.ts' -o -name '*.d.mts' -o -name '*.d.cts' \) -delete

FROM dependencies AS job-dependencies
# A job knows no cluster and no catalogue.
RUN rm -rf node_modules/@kubernetes node_modules/@mikro-orm node_modules/better-sqlite3

# What both images stand on: Node without its package managers, no program that changes the user, one user of our own.
FROM ${NODE_IMAGE} AS runtime
RUN rm -rf /opt/yarn-* /usr/local/lib/node_modules /usr/local/bin/corepack /usr/local/bin/npm /usr/local/bin/npx /usr/local/bin/yarn /usr/local/bin/yarnpkg \
  && find / -xdev -type f -perm /6000 -exec chmod a-s {} + \
  && groupadd --gid 65532 holdfast \
  && useradd --uid 65532 --gid 65532 --no-create-home --home-dir /tmp --no-log-init --shell /usr/sbin/nologin holdfast
WORKDIR /app
ENV NODE_ENV=production
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.licenses="Apache-2.0" \
  org.opencontainers.image.version="${VERSION}" \
  org.opencontainers.image.revision="${REVISION}" \
  org.opencontainers.image.base.name="docker.io/library/node:24-trixie-slim"

FROM runtime AS api
LABEL org.opencontainers.image.title="holdfast" \
  org.opencontainers.image.description="Holdfast's service and controller: database backups that are proved restorable."
COPY --from=dependencies /app/node_modules node_modules
COPY package.json LICENSE ./
COPY src src
RUN ln -s /app/src/api/main.ts /usr/local/bin/holdfast-service \
  && ln -s /app/src/controller/main.ts /usr/local/bin/holdfast-controller
USER 65532:65532
EXPOSE 8080 8081
ENTRYPOINT ["holdfast-service"]
CMD ["serve"]

FROM runtime AS job
LABEL org.opencontainers.image.title="holdfast-job" \
  org.opencontainers.image.description="One run of holdfast: backup, restore, drill, with PostgreSQL's client and server programs, age and zstd."
# Major versions of PostgreSQL, separated by spaces: dumps need the server's version or a newer one, drills the same. Debian has 17;
# others come from the PostgreSQL project's own archive, whose key Debian's postgresql-common carries.
ARG POSTGRES_MAJORS=17
# Databases are restored by drills with the locale that they have; C.UTF-8 is always there.
ARG LOCALES="en_US.UTF-8 zh_CN.UTF-8"
# Drills start throw-away clusters of their own; the packages must not create one. ssl-cert makes a private key, which no image may hold.
RUN mkdir -p /etc/postgresql-common/createcluster.d \
  && echo 'create_main_cluster = false' > /etc/postgresql-common/createcluster.d/holdfast.conf \
  && export DEBIAN_FRONTEND=noninteractive \
  && apt-get update \
  && apt-get install --yes --no-install-recommends age ca-certificates locales postgresql-common zstd \
  && if [ "${POSTGRES_MAJORS}" != 17 ]; then /usr/share/postgresql-common/pgdg/apt.postgresql.org.sh -y; fi \
  && for major in ${POSTGRES_MAJORS}; do apt-get install --yes --no-install-recommends "postgresql-${major}" "postgresql-client-${major}" || exit 1; done \
  && for locale in ${LOCALES}; do localedef --inputfile="${locale%%.*}" --charmap=UTF-8 "${locale}" || exit 1; done \
  && rm -f /etc/ssl/private/ssl-cert-snakeoil.key /etc/ssl/certs/ssl-cert-snakeoil.pem \
  && find / -xdev -type f -perm /6000 -exec chmod a-s {} + \
  && rm -rf /var/lib/apt/lists/* \
  && find /var/cache /var/log -type f -delete
COPY --from=job-dependencies /app/node_modules node_modules
COPY package.json LICENSE ./
COPY src/operations src/operations
COPY src/repository src/repository
COPY jobs jobs
RUN ln -s /app/jobs/main.ts /usr/local/bin/holdfast
# Memory: one arena of the allocator, since threads hand each other their parts, and a nursery that fits what lives shortly.
ENV MALLOC_ARENA_MAX=1 NODE_OPTIONS=--max-semi-space-size=2
USER 65532:65532
ENTRYPOINT ["holdfast"]
