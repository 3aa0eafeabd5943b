#!/bin/sh
echo verified
