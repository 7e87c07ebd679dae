"""The limit for single positions: FastAPI validating the same body, and nothing else. Run as a process of its own."""

import sys

import uvicorn
from fastapi import FastAPI, Request

from services.vehicle.schemas.telemetry import BATCH

app = FastAPI()


@app.post("/v1/telemetry")
async def take(request: Request) -> dict[str, int]:
    return {"stored": len(BATCH.validate_json(await request.body()).records)}


if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), log_level="warning", access_log=False)
