# Nothing but Midge: `bun run image` lays out dist/rootfs, and builds this where there is a builder.
FROM scratch

ARG VERSION=unknown
LABEL org.opencontainers.image.title="midge" \
      org.opencontainers.image.description="A NATS-compatible message broker" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="$VERSION"

COPY dist/rootfs /

# A number, so that a cluster which forbids root can see that it is none.
USER 65532

# Clients, routes, monitor.
EXPOSE 4222 6222 8222

HEALTHCHECK --interval=10s --timeout=5s --start-period=2s --retries=3 CMD ["/midge", "--healthcheck"]

STOPSIGNAL SIGTERM

# Flags after the image's name come after these, and so override the file.
ENTRYPOINT ["/midge", "-c", "/midge.conf"]
