# One image for every role: `serve` (the default), `worker`, `migrate` and the rest of the command line.
#   docker build -t millrace . && docker run -p 127.0.0.1:4318:4318 -v millrace:/var/lib/millrace millrace
# Without DATABASE_URL it runs the embedded engine, whose data is in the volume.

FROM node:24-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY . .
RUN npm run build

FROM node:24-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# The runtime of the embedder ships every platform's binary: keep Linux's.
RUN npm ci --omit=dev --ignore-scripts \
  && npm cache clean --force \
  && rm -rf node_modules/onnxruntime-node/bin/napi-v3/darwin node_modules/onnxruntime-node/bin/napi-v3/win32

FROM node:24-slim
LABEL org.opencontainers.image.title="millrace" \
  org.opencontainers.image.description="One Postgres holds your log, your vectors and your answers." \
  org.opencontainers.image.licenses="MIT"
ENV NODE_ENV=production \
  MILLRACE_HOST=0.0.0.0 \
  MILLRACE_PORT=4318 \
  MILLRACE_DIR=/var/lib/millrace
WORKDIR /app
COPY --from=dependencies /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
COPY package.json LICENSE NOTICE ./
RUN install -d -o node -g node /var/lib/millrace
USER node
VOLUME /var/lib/millrace
EXPOSE 4318
# SIGTERM drains: give it the time that `docker stop` has.
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.MILLRACE_PORT}/healthz`).then((reply) => process.exit(reply.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "/app/dist/src/cli/bin.js"]
CMD ["serve"]
