# Written for this version, not yet run by the project: see docs/operate/install.md.
FROM python:3.11-slim
RUN useradd --create-home --uid 10001 earshot
WORKDIR /app
COPY pyproject.toml README.md LICENSE NOTICE ./
COPY monitor monitor
COPY spiders spiders
COPY models models
COPY alerts alerts
RUN pip install --no-cache-dir ".[postgres]"
USER earshot
WORKDIR /home/earshot
ENV EARSHOT_HOME=/home/earshot/data EARSHOT_WEB_HOST=0.0.0.0 EARSHOT_LOG=json
VOLUME /home/earshot/data
EXPOSE 8765
STOPSIGNAL SIGTERM
CMD ["earshot", "up"]
