# polystepd and the polystep command line in a small image.
#
#   docker build -t polystep .
#   docker run -d -p 50051:50051 -v polystep-data:/data --read-only polystep
#
# The server runs as uid 65532 and writes to /data alone. A container is reached from outside its
# own loopback, so the default command is --insecure: publish the port only to networks you trust.
FROM debian:bookworm-slim AS build
COPY deploy/dev/packages.txt /tmp/packages.txt
RUN apt-get update \
 && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
      $(awk '$1 == "build" && $2 !~ /^(python|dataset)/ {print $2}' /tmp/packages.txt) \
 && apt-get clean && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY . .
RUN cmake --preset release -DPOLYSTEP_BUILD_TESTS=OFF \
 && cmake --build build --target polystepd polystep
# The programs and the libraries they load, less those of glibc, which every Debian has.
RUN mkdir -p /image/usr/local/bin /image/usr/local/lib/polystep /image/etc/ld.so.conf.d /image/data \
 && strip -o /image/usr/local/bin/polystepd build/bin/polystepd \
 && strip -o /image/usr/local/bin/polystep build/bin/polystep \
 && ldd build/bin/polystepd build/bin/polystep \
      | awk '$2 == "=>" && $3 !~ /\/(libc|libm|libdl|librt|libpthread|libresolv)\.so/ {print $3}' \
      | sort -u | xargs cp -L -t /image/usr/local/lib/polystep \
 && echo /usr/local/lib/polystep > /image/etc/ld.so.conf.d/polystep.conf

FROM debian:bookworm-slim
LABEL org.opencontainers.image.title="PolyStep Service" \
      org.opencontainers.image.description="Ask/tell black-box optimization over gRPC" \
      org.opencontainers.image.licenses="Apache-2.0"
COPY --from=build /image/usr /usr
COPY --from=build /image/etc /etc
COPY --from=build --chown=65532:65532 /image/data /data
RUN ldconfig
ENV POLYSTEP_LISTEN=0.0.0.0:50051 POLYSTEP_DATA=/data
USER 65532:65532
VOLUME /data
EXPOSE 50051
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=6s --start-period=10s CMD ["polystepd", "health"]
ENTRYPOINT ["polystepd"]
CMD ["--insecure"]
