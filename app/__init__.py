"""The web app. Its modules reach each other by relative imports, since the folder has another name once installed."""
