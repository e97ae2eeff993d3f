# syntax=docker/dockerfile:1
FROM node:20-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci
COPY nest-cli.json tsconfig.json tsconfig.build.json ./
COPY src src
COPY machines machines
COPY migrations migrations
COPY console console
RUN npm run build
# The embedded database is for machines without one; here DATABASE_URL names it.
RUN npm prune --omit=dev --omit=optional

FROM node:20-slim
ENV NODE_ENV=production HOST=0.0.0.0 PORT=3000
WORKDIR /app
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/dist dist
# What the generated tests have walked.
COPY docs/tested docs/tested
# Documents, unless a bucket keeps them. Mount the same volume wherever the service runs.
ENV STATEWRIGHT_DATA_DIR=/var/lib/statewright
RUN install -d -o node -g node /var/lib/statewright
VOLUME /var/lib/statewright
USER node
EXPOSE 3000
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/health/ready`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "--enable-source-maps", "dist/src/main.js"]
