"""Routes below ``/api/v1``, an area a module."""

from fastapi import APIRouter

ROUTERS: tuple[APIRouter, ...] = ()
