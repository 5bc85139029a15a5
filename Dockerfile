# One image, three roles: service, worker, signer (see docker-compose.yml).
FROM node:22-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --include=dev --ignore-scripts
COPY tsconfig.json ./
COPY src src
COPY signing signing
COPY workers workers
COPY catalogs catalogs
RUN node_modules/.bin/tsc -p tsconfig.json && npm prune --omit=dev --ignore-scripts

FROM node:22-bookworm-slim
ENV NODE_ENV=production NODE_OPTIONS=--enable-source-maps
WORKDIR /app
RUN useradd --system --uid 10001 --home-dir /app patchpress \
  && mkdir -p /app/data/content /app/data/signer/run /app/data/signer/private && chown -R patchpress /app/data
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/dist dist
COPY src/dashboard/assets src/dashboard/assets
COPY catalogs catalogs
USER patchpress
VOLUME /app/data
EXPOSE 8480 8443
CMD ["node", "dist/src/app/mains/service.js"]
