"""Endpoints of the complaint service: `/v1` for the desks, `/open311` for citizens and their clients."""

from fastapi import APIRouter

from services.complaint.api import complaints, figures, open311

router = APIRouter()
router.routes.extend([*complaints.router.routes, *figures.router.routes, *open311.router.routes])
