# The image of the jobs: one run of the holdfast command, with the client and server programs of the databases.
FROM node:24-trixie-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev --ignore-scripts

FROM node:24-trixie-slim AS job
# Drills start throw-away clusters of their own; the package must not create one. initdb wants a named user.
RUN mkdir -p /etc/postgresql-common/createcluster.d \
  && echo 'create_main_cluster = false' > /etc/postgresql-common/createcluster.d/holdfast.conf \
  && apt-get update \
  && DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends age ca-certificates postgresql postgresql-client zstd \
  && rm -rf /var/lib/apt/lists/* \
  && groupadd --gid 65532 holdfast \
  && useradd --uid 65532 --gid 65532 --no-create-home --home-dir /tmp --shell /usr/sbin/nologin holdfast
WORKDIR /app
COPY --from=dependencies /app/node_modules node_modules
COPY package.json LICENSE ./
COPY src/operations src/operations
COPY src/repository src/repository
COPY jobs jobs
RUN ln -s /app/jobs/main.ts /usr/local/bin/holdfast
# Memory: one arena of the allocator, since threads hand each other their parts, and a nursery that fits what lives shortly.
ENV NODE_ENV=production MALLOC_ARENA_MAX=1 NODE_OPTIONS=--max-semi-space-size=2
USER 65532:65532
ENTRYPOINT ["holdfast"]
